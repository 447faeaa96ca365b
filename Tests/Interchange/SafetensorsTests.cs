using System.Text;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Interchange;

[TestFixture]
public sealed class SafetensorsTests
{
    [SetUp]
    public void Settle() => SettledPool.Settle();

    [Test]
    public void Every_type_survives_with_all_its_bits()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        var tensors = new OrderedDictionary<string, Tensor>
        {
            ["i8"] = Tensor.From<sbyte>(-128, 127, 0, -1, 5),
            ["f32"] = Tensor.From(BitConverter.Int32BitsToSingle(0x7FC12345), float.NegativeInfinity, -0f, float.Epsilon, 1.5f),
            ["bool"] = Tensor.From(true, false, true),
            ["f64"] = Tensor.From(BitConverter.Int64BitsToDouble(0x7FF8000000001234), double.MaxValue, -0.0, Math.PI),
            ["f16"] = Tensor.From((Half)0.1f, Half.NaN, Half.MaxValue),
            ["u8"] = Tensor.From<byte>(0, 255, 7),
            ["bf16"] = Tensor.From((BFloat16)3e38f, (BFloat16)float.NaN, BFloat16.FromBits(1)),
            ["i64"] = Tensor.From(long.MinValue, long.MaxValue, -1),
            ["i32"] = Tensor.From(int.MinValue, int.MaxValue, -1, 258),
        };
        Assert.That(tensors.Values.Select(t => t.DType), Is.EquivalentTo(DTypes.All), "a type is missing here");
        Safetensors.Save(folder["all"], tensors);
        OrderedDictionary<string, Tensor> read = Safetensors.Load(folder["all"]);
        AssertSame(read, tensors);
    }

    [Test]
    public void Every_shape_survives()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (Shape shape in (Shape[])[[], [0], [3, 0, 2], [1], [7], [1, 1, 5], [2, 3, 4, 1, 2, 1, 2, 3], [1L << 40, 1L << 40, 0]])
        {
            tensors.Add($"f{tensors.Count}", Tensor.Full(shape, 1.25 + tensors.Count));
            tensors.Add($"b{tensors.Count}", Tensor.Full(shape, 1, DType.Bool));
        }

        Safetensors.Save(folder["shapes"], tensors);
        AssertSame(Safetensors.Load(folder["shapes"]), tensors);
    }

    [Test]
    public void Views_are_written_in_row_major_order()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        // Larger than a piece in the first dimension, in the second, and in neither.
        foreach ((int rows, int columns) in ((int, int)[])[(3, 5), (100_003, 3), (3, 100_003), (701, 503)])
        {
            int[] values = [.. Enumerable.Range(0, rows * columns)];
            Tensor x = Tensor.From(values, [rows, columns]);
            var tensors = new OrderedDictionary<string, Tensor>
            {
                ["whole"] = x,
                ["transposed"] = x.Alias(x.Layout.Permute([1, 0])),
                ["every other column"] = x.Alias(x.Layout.Slice(1, 1, columns / 2, 2)),
                ["backwards"] = x.Alias(x.Layout.Slice(0, rows - 1, rows, -1)),
                ["a column"] = x.Alias(x.Layout.Select(1, columns - 1)),
                ["repeated"] = x.Alias(x.Layout.Select(0, 1).Expand([4, columns])),
            };
            Safetensors.Save(folder["views"], tensors);
            AssertSame(Safetensors.Load(folder["views"]), tensors);
        }
    }

    [Test]
    public void Bytes_are_as_the_format_says()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        Safetensors.Save(folder["small"], new OrderedDictionary<string, Tensor>
        {
            ["b"] = Tensor.From(true, false, true),
            ["w.é\""] = Tensor.From(new short[] { 1, 2 }.Select(i => (float)i).ToArray(), [2, 1]),
            ["s"] = Tensor.Scalar(-2, DType.Int64),
        }, new OrderedDictionary<string, string> { ["format"] = "pt", ["a"] = "" });

        // The header keeps the given order; the data are ordered by element size.
        const string Header = """
            {"__metadata__":{"format":"pt","a":""},"b":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]},"w.é\"":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},"s":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}
            """;
        int length = Encoding.UTF8.GetByteCount(Header), padded = (length + 7) / 8 * 8;
        byte[] expected =
        [
            (byte)padded, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(Header), .. Enumerable.Repeat((byte)' ', padded - length),
            0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 1, 0, 1,
        ];
        Assert.That(padded, Is.LessThan(256));
        Assert.That(File.ReadAllBytes(folder["small"]), Is.EqualTo(expected));
    }

    [Test]
    public void An_empty_file_of_tensors_is_a_file()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Save(folder["none"], new Dictionary<string, Tensor>());
        Assert.That(File.ReadAllBytes(folder["none"]), Is.EqualTo(new byte[] { 8, 0, 0, 0, 0, 0, 0, 0 }.Concat("{}      "u8.ToArray())));
        Assert.That(Safetensors.Load(folder["none"]), Is.Empty);
    }

    [Test]
    public void Order_and_metadata_come_back()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        string[] names = ["z", "a", "", "\t\n\\/<>&'+", "层.重み", "😀", new string('n', 3000)];
        var tensors = new OrderedDictionary<string, Tensor>(names.Select((n, i) => KeyValuePair.Create(n, Tensor.Full([i], i, i % 2 == 0 ? DType.Int8 : DType.Float64))));
        var metadata = new OrderedDictionary<string, string>(names.Reverse().Select(n => KeyValuePair.Create(n, $"value of {n}")));
        Safetensors.Save(folder["named"], tensors, metadata);
        AssertSame(Safetensors.Load(folder["named"]), tensors);
        using var file = SafetensorsFile.Open(folder["named"]);
        Assert.That(file.Names, Is.EqualTo(names));
        Assert.That(file.Metadata, Is.EqualTo(metadata));
        byte[] first = File.ReadAllBytes(folder["named"]);
        Safetensors.Save(folder["again"], tensors, metadata);
        Assert.That(File.ReadAllBytes(folder["again"]), Is.EqualTo(first));
    }

    [Test]
    public void Names_that_a_file_cannot_hold_are_refused()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        Tensor x = Tensor.Scalar(1);
        Assert.That(() => Save("__metadata__", "", ""), Throws.ArgumentException.With.Message.Contains("'__metadata__'"));
        Assert.That(() => Save("a\uD83D", "", ""), Throws.ArgumentException.With.Message.Contains("U+D83D").And.Message.Contains("position 1"));
        Assert.That(() => Save("\uDE00\uD83D", "", ""), Throws.ArgumentException.With.Message.Contains("tensor's name"));
        Assert.That(() => Save("a", "k\uD83Dk", ""), Throws.ArgumentException.With.Message.Contains("key"));
        Assert.That(() => Save("a", "k", "\uD83D"), Throws.ArgumentException.With.Message.Contains("'k'"));
        Assert.That(() => Safetensors.Save(folder["bad"], new Dictionary<string, Tensor> { ["a"] = null! }), Throws.ArgumentException.With.Message.Contains("'a' is null"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty);

        void Save(string name, string key, string value)
            => Safetensors.Save(folder["bad"], new Dictionary<string, Tensor> { [name] = x }, new Dictionary<string, string> { [key] = value });
    }

    [Test]
    public void A_failed_save_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        Tensor gone = Tensor.Scalar(1);
        var tensors = new OrderedDictionary<string, Tensor> { ["gone"] = gone };
        Safetensors.Save(folder["file"], tensors);
        byte[] before = File.ReadAllBytes(folder["file"]);
        gone.Dispose();
        Assert.That(() => Safetensors.Save(folder["file"], tensors), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(File.ReadAllBytes(folder["file"]), Is.EqualTo(before));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Opening_reads_no_data_and_reading_one_tensor_allocates_only_it()
    {
        using var folder = new TemporaryFolder();
        const long Large = 64L << 20;
        byte[] header = Encoding.UTF8.GetBytes(
            $$$"""{"large":{"dtype":"U8","shape":[{{{Large}}}],"data_offsets":[0,{{{Large}}}]},"small":{"dtype":"I32","shape":[3],"data_offsets":[{{{Large}}},{{{Large + 12}}}]}}""");
        using (FileStream sparse = File.Create(folder["big"]))
        {
            sparse.Write(BitConverter.GetBytes((long)header.Length));
            sparse.Write(header);
            sparse.Position += Large;
            foreach (int value in (int[])[7, -8, 9]) sparse.Write(BitConverter.GetBytes(value));
        }

        MemoryPool pool = CpuAccelerator.Instance.Pool;
        long live = pool.Statistics.LiveBytes, managed = GC.GetAllocatedBytesForCurrentThread();
        using SafetensorsFile file = SafetensorsFile.Open(folder["big"]);
        Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live));
        Assert.That(file.Entries["large"].Shape, Is.EqualTo(Shape.Create(Large)));
        Assert.That(file.Entries["small"].DType, Is.EqualTo(DType.Int32));
        using Tensor small = file.Read("small");
        Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live + 12));
        Assert.That(small.ToArray<int>(), Is.EqualTo(new[] { 7, -8, 9 }));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - managed, Is.LessThan(1 << 20));
    }

    [Test]
    public void Tensors_belong_to_the_open_scope_and_a_failure_frees_them()
    {
        using var folder = new TemporaryFolder();
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        long live = pool.Statistics.LiveBytes;
        using (new TensorScope())
            Safetensors.Save(folder["file"], new OrderedDictionary<string, Tensor> { ["x"] = Tensor.Ones([1000]), ["b"] = Tensor.Ones([300_000], DType.Bool) });
        using (new TensorScope())
        {
            Safetensors.Load(folder["file"]);
            Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live + 304_000));
        }

        Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live));
        byte[] bytes = File.ReadAllBytes(folder["file"]);
        bytes[^2] = 2;
        File.WriteAllBytes(folder["file"], bytes);
        Assert.That(() => Safetensors.Load(folder["file"]), Throws.InstanceOf<SafetensorsFormatException>()
            .With.Message.Contains("tensor 'b': expected BOOL bytes of 0 or 1, found 2 in element 299998"));
        Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live));
    }

    [Test]
    public void A_file_that_shrinks_while_it_is_open_is_noticed()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        Safetensors.Save(folder["file"], new OrderedDictionary<string, Tensor> { ["x"] = Tensor.Ones([1000]) });
        using var file = SafetensorsFile.Open(folder["file"]);
        using (var writer = new FileStream(folder["file"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) writer.SetLength(writer.Length - 1);
        Assert.That(() => file.Read("x"), Throws.InstanceOf<SafetensorsFormatException>().With.Message.Contains("expected 4000 bytes, found 3999"));
    }

    [Test]
    public void Unknown_names_and_closed_files_are_refused()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        Safetensors.Save(folder["file"], new OrderedDictionary<string, Tensor> { ["weight"] = Tensor.Ones([2]) });
        SafetensorsFile file = SafetensorsFile.Open(folder["file"]);
        Assert.That(() => file.Read("bias"), Throws.InstanceOf<KeyNotFoundException>().With.Message.Contains("no tensor 'bias'").And.Message.Contains("'weight'"));
        file.Dispose();
        Assert.That(() => file.Read("weight"), Throws.InstanceOf<ObjectDisposedException>());
    }

    private static void AssertSame(OrderedDictionary<string, Tensor> read, OrderedDictionary<string, Tensor> expected)
    {
        Assert.That(read.Keys, Is.EqualTo(expected.Keys));
        foreach ((string name, Tensor tensor) in expected)
        {
            Assert.That(read[name].Shape, Is.EqualTo(tensor.Shape), name);
            Assert.That(read[name].DType, Is.EqualTo(tensor.DType), name);
            Assert.That(read[name].Layout.IsContiguous, name);
            Assert.That(SafetensorsBytes.Of(read[name]).AsSpan().SequenceEqual(SafetensorsBytes.Of(tensor)), $"{name} {tensor.Shape}");
        }
    }
}
