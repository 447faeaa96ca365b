using System.Text;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Interchange;

[TestFixture]
public sealed class SafetensorsFormatTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Test]
    public void The_header_that_the_bad_ones_are_made_from_is_good() => Assert.That(Refusal(Good, 8), Is.Null);

    [TestCase("", 0, "JSON that begins with '{', found nothing")]
    [TestCase(" {}", 0, "found the byte 20")]
    [TestCase("[]", 0, "found the byte 5B")]
    [TestCase("{", 0, "an error at byte")]
    [TestCase("{}x", 0, "an error at byte")]
    [TestCase("{}{}", 0, "an error at byte")]
    [TestCase("{}\0\0", 0, "an error at byte")]
    [TestCase("{,}", 0, "an error at byte")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}""", 8, "an error at byte")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, "an error at byte")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2,],"data_offsets":[0,8]}}""", 8, "an error at byte")]
    [TestCase("""{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}""", 8, "JSON of depth 3 at most")]
    [TestCase("""{"a":1}""", 0, "tensor 'a': expected an object with the keys dtype, shape and data_offsets, found '1'")]
    [TestCase("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'a': expected the keys dtype, shape and data_offsets (of two numbers), found no dtype")]
    [TestCase("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "found no shape")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "found no data_offsets")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "found 1 data_offsets")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "at most 2 numbers in data_offsets")]
    [TestCase("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "found dtype twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""", 8, "found shape twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]}}""", 8, "found data_offsets twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":0}}""", 8, "found the key 'extra'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'a': expected each name once")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'a': expected each name once")]
    [TestCase("""{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__ twice")]
    [TestCase("""{"__metadata__":{"k":"v","k":"v"}}""", 0, "__metadata__: expected each key once, found 'k' twice")]
    [TestCase("""{"__metadata__":{"k":1}}""", 0, "expected a string for the key 'k', found '1'")]
    [TestCase("""{"__metadata__":{"k":null}}""", 0, "expected a string for the key 'k', found 'null'")]
    [TestCase("""{"__metadata__":"text"}""", 0, "expected an object of strings, found 'text'")]
    [TestCase("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "an escaped half of a surrogate pair")]
    [TestCase("""{"a":{"dtype":5,"shape":[2],"data_offsets":[0,8]}}""", 8, "expected the name of a dtype, found '5'")]
    [TestCase("""{"a":{"dtype":"I16","shape":[4],"data_offsets":[0,8]}}""", 8, "tensor 'a': expected a dtype that this library has (F32, F64, F16, BF16, I64, I32, I8, U8, BOOL), found 'I16'")]
    [TestCase("""{"a":{"dtype":"U16","shape":[4],"data_offsets":[0,8]}}""", 8, "found 'U16'. Convert")]
    [TestCase("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "found 'F8_E4M3'. Convert")]
    [TestCase("""{"a":{"dtype":"f32","shape":[2],"data_offsets":[0,8]}}""", 8, "found 'f32'")]
    [TestCase("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "expected an array for shape, found '2'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "whole numbers from 0 to 2^63 - 1 in shape, found '-2'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", 8, "found '2.0'")]
    [TestCase("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", 8, "found '2'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8, "found '99999999999999999999'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4294967296,4294967298],"data_offsets":[0,8]}}""", 8, "a shape whose elements can be counted, found [4294967296, 4294967298]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""", 8, "at most 8 numbers in shape")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "data_offsets that span the 12 bytes of shape [3] in F32, found [0, 8]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "found [8, 0]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,-8]}}""", 8, "found '-8'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,0]}}""", 8, "found [9223372036854775800, 0]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "tensor 'a': expected its data to begin at byte 0, where the tensors before it end, found byte 8: the data leave a hole")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", 8, "tensor 'b': expected its data to begin at byte 8, where the tensors before it end, found byte 4: the data overlap")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}""", 8, "found byte 4: the data overlap")]
    [TestCase("""{"b":{"dtype":"U8","shape":[1],"data_offsets":[9,10]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 10, "tensor 'b': expected its data to begin at byte 8")]
    [TestCase(Good, 7, "data: expected 8 bytes after the header, found 7: the file is cut short")]
    [TestCase(Good, 0, "found 0: the file is cut short")]
    [TestCase(Good, 9, "found 9: the end belongs to no tensor")]
    [TestCase("{}", 1, "expected 0 bytes after the header, found 1")]
    public void Bad_headers_are_refused_by_reason(string header, int dataLength, string reason)
        => Assert.That(Refusal(header, dataLength), Does.StartWith("file.safetensors: ").And.Contain(reason).And.EndWith("."));

    [TestCase(new byte[] { }, "found a file of 0 bytes")]
    [TestCase(new byte[] { 2, 0, 0, 0, 0, 0, 0 }, "found a file of 7 bytes")]
    [TestCase(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "expected a header of 3 bytes, found only 2")]
    [TestCase(new byte[] { 1, 0xE1, 0xF5, 5, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "at most 100,000,000 bytes, found one of 100,000,001")]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x80, (byte)'{', (byte)'}' }, "found one of 9,223,372,036,854,775,808")]
    [TestCase(new byte[] { 5, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)'}' }, "UTF-8")]
    public void Files_without_a_header_are_refused_by_reason(byte[] content, string reason)
        => Assert.That(Refusal(content), Does.StartWith("file.safetensors: expected").Or.StartWith("file.safetensors: header: expected").And.Contain(reason).And.EndWith("."));

    [Test]
    public void White_space_and_escapes_are_allowed_in_a_header()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["spaced"], SafetensorsBytes.File("{ \"\\u0061\\ud83d\\ude00\" : {\n \"shape\":[ ], \"data_offsets\":[0,\t1],\"dtype\":\"I8\" } }\r\n  "u8, 0xFF));
        OrderedDictionary<string, Tensor> read = Safetensors.Load(folder["spaced"]);
        Assert.That(read["a😀"].ToArray<sbyte>(), Is.EqualTo(new sbyte[] { -1 }));
    }

    [Test]
    public void Hostile_headers_cost_little()
    {
        string deep = "{\"a\":" + new string('[', 200_000), wide = "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + string.Concat(Enumerable.Repeat("1,", 200_000)) + "1]";
        string huge = """{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}""";
        foreach (string header in (string[])[deep, wide, huge])
        {
            byte[] content = SafetensorsBytes.File(Encoding.UTF8.GetBytes(header));
            Refusal(content);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(Refusal(content), Is.Not.Null);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
        }
    }

    [Test]
    public void Long_names_are_cut_in_messages()
        => Assert.That(Refusal($$"""{"{{new string('n', 100_000)}}":1}""", 0), Does.Contain("nnn…' (100000 characters)").And.Length.LessThan(400));

    [Test]
    public void Damaged_files_give_the_right_answer_or_a_format_exception()
    {
        using var folder = new TemporaryFolder();
        using var scope = new TensorScope();
        string path = folder["damaged"];
        Safetensors.Save(path, new OrderedDictionary<string, Tensor>
        {
            ["layer.weight"] = Tensor.From([1.5f, -2, float.NaN, 0, 1e30f, 7], [2, 3]),
            ["flags"] = Tensor.From(true, false, false, true, true),
            ["empty"] = Tensor.Zeros([0, 4], DType.Int64),
            ["half"] = Tensor.From((Half)1, (Half)2),
        }, new Dictionary<string, string> { ["note"] = "text \u00e9" });
        byte[] whole = File.ReadAllBytes(path);
        int dataLength = whole.Length - 8 - (int)BitConverter.ToInt64(whole);
        int refused = 0;
        Damage.Check(whole, (damaged, cut) =>
        {
            File.WriteAllBytes(path, damaged);
            using var inner = new TensorScope();
            try
            {
                // Whatever a damaged name or type says, each byte of the data is in its place.
                using var again = new MemoryStream();
                Safetensors.Write(again, Safetensors.Load(path), null);
                Assert.That(cut, Is.False, "a file cut short was read");
                Assert.That(again.ToArray()[^dataLength..], Is.EqualTo(damaged[^dataLength..]));
            }
            catch (SafetensorsFormatException)
            {
                refused++;
            }
        });
        Assert.That(refused, Is.GreaterThan(2000));
    }

    private static string? Refusal(string header, int dataLength) => Refusal(SafetensorsBytes.File(Encoding.UTF8.GetBytes(header), new byte[dataLength]));

    private static string? Refusal(byte[] content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["file.safetensors"], content);
        try
        {
            using var scope = new TensorScope();
            Safetensors.Load(folder["file.safetensors"]);
            return null;
        }
        catch (SafetensorsFormatException e)
        {
            return e.Message.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        }
    }
}
