using System.Security.Cryptography;
using Gradwright.Tests.Data;
using Gradwright.Tests.Interchange;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

[TestFixture]
public sealed class CheckpointFileTests
{
    [SetUp]
    public void Settle() => SettledPool.Settle();

    [Test]
    public void Tensors_and_values_come_back_bit_for_bit_and_in_order()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        Checkpoint saved = Sample();
        CheckpointFile.Save(folder["a.checkpoint"], saved);
        Checkpoint loaded = CheckpointFile.Load(folder["a.checkpoint"]);
        Assert.That(loaded.Tensors.Keys, Is.EqualTo(saved.Tensors.Keys));
        Assert.That(loaded.Values, Is.EqualTo(saved.Values));
        Assert.That(loaded.Tensors["model.weight"].ToArray<float>(), Is.EqualTo(saved.Tensors["model.weight"].ToArray<float>()));
        Assert.That(loaded.Tensors["model.mask"].ToArray<bool>(), Is.EqualTo(saved.Tensors["model.mask"].ToArray<bool>()));
        Assert.That(loaded.Tensors["optimizer.step"].ToArray<long>(), Is.EqualTo(new[] { long.MinValue }));
    }

    [Test]
    public void Numbers_survive_as_text()
    {
        using var folder = new TemporaryFolder();
        double[] numbers = [0.1, -0.0, double.Epsilon, double.MaxValue, 1.0 / 3, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        long[] integers = [0, long.MinValue, long.MaxValue];
        var saved = new Checkpoint();
        for (int i = 0; i < numbers.Length; i++) saved.Set($"n{i}", numbers[i]);
        for (int i = 0; i < integers.Length; i++) saved.Set($"i{i}", integers[i]);
        saved.Set("text", "äöü \"quoted\"\n");
        CheckpointFile.Save(folder["values"], saved);
        Checkpoint loaded = CheckpointFile.Load(folder["values"]);
        for (int i = 0; i < numbers.Length; i++)
            Assert.That(BitConverter.DoubleToInt64Bits(loaded.Number($"n{i}")), Is.EqualTo(BitConverter.DoubleToInt64Bits(numbers[i])), $"{numbers[i]}");
        for (int i = 0; i < integers.Length; i++) Assert.That(loaded.Integer($"i{i}"), Is.EqualTo(integers[i]));
        Assert.That(loaded.Text("text"), Is.EqualTo("äöü \"quoted\"\n"));
        Assert.That(() => loaded.Text("epoch"), Throws.InstanceOf<CheckpointFormatException>().With.Message.Contains("no value 'epoch'; it has n0, n1"));
        Assert.That(() => loaded.Integer("n0"), Throws.InstanceOf<CheckpointFormatException>().With.Message.Contains("'n0' should be an integer, but it is '0.1'"));
        Assert.That(() => loaded.Number("text"), Throws.InstanceOf<CheckpointFormatException>().With.Message.Contains("should be a number"));
    }

    [Test]
    public void A_checkpoint_is_a_safetensors_file_that_ends_with_its_checksum()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        CheckpointFile.Save(folder["a"], Sample());
        byte[] whole = File.ReadAllBytes(folder["a"]);
        OrderedDictionary<string, Tensor> tensors = Safetensors.Load(folder["a"]);
        byte[] checksum = SHA256.HashData(whole.AsSpan(..^32));
        Assert.That(whole[^32..], Is.EqualTo(checksum));
        Assert.That(tensors["checkpoint.sha256"].ToArray<byte>(), Is.EqualTo(checksum));
        Assert.That(tensors, Has.Count.EqualTo(5));
    }

    [Test]
    public void The_same_checkpoint_always_gives_the_same_bytes()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        CheckpointFile.Save(folder["a"], Sample());
        CheckpointFile.Save(folder["b"], CheckpointFile.Load(folder["a"]));
        Assert.That(File.ReadAllBytes(folder["b"]), Is.EqualTo(File.ReadAllBytes(folder["a"])));
    }

    [Test]
    public void Every_truncation_is_refused()
    {
        using var scope = new TensorScope();
        byte[] whole = Whole();
        for (int length = 0; length < whole.Length; length++) AssertRefused(whole[..length], $"cut to {length} of {whole.Length} bytes");
    }

    [Test]
    public void Every_changed_bit_is_refused()
    {
        using var scope = new TensorScope();
        byte[] whole = Whole();
        for (int bit = 0; bit < 8 * whole.Length; bit += 3)
        {
            whole[bit / 8] ^= (byte)(1 << bit % 8);
            AssertRefused(whole, $"bit {bit}");
            whole[bit / 8] ^= (byte)(1 << bit % 8);
        }

        AssertRefused([.. whole, 0], "a byte more");
        AssertRefused(new byte[whole.Length], "zeros, as after a lost write");
        Assert.That(Refusal(whole), Is.Null);
    }

    [Test]
    public void Messages_say_what_is_wrong()
    {
        using var scope = new TensorScope();
        byte[] whole = Whole();
        Assert.That(Refusal(whole[..31]), Does.Contain("checksum of 32 bytes, found a file of 31 bytes").And.Contain("CheckpointFolder.Latest()"));
        Assert.That(Refusal(whole[..^1]), Does.Contain("the file is cut short, damaged, or no checkpoint"));
        using var folder = new TemporaryFolder();
        Safetensors.Save(folder["plain"], new OrderedDictionary<string, Tensor> { ["x"] = Tensor.Ones([100]) });
        Assert.That(() => CheckpointFile.Load(folder["plain"]), Throws.InstanceOf<CheckpointFormatException>().With.Message.Contains("no checkpoint"));
    }

    [Test]
    public void Another_version_or_header_with_a_right_checksum_is_refused()
    {
        byte[] body = SafetensorsFileWith("""{"__metadata__":{"checkpoint.version":"2"},"checkpoint.sha256":{"dtype":"U8","shape":[32],"data_offsets":[0,32]}}""");
        Assert.That(Refusal([.. body, .. SHA256.HashData(body)]), Does.Contain("a checkpoint of version 1, found version '2'"));
        body = SafetensorsFileWith("""{"checkpoint.sha256":{"dtype":"U8","shape":[32],"data_offsets":[0,32]}}""");
        Assert.That(Refusal([.. body, .. SHA256.HashData(body)]), Does.Contain("a checkpoint of version 1, found none"));
        body = SafetensorsFileWith("""{"checkpoint.sha256":{"dtype":"U8","shape":[33],"data_offsets":[0,33]}}""");
        Assert.That(Refusal([.. body, .. SHA256.HashData(body)]), Does.Contain("found 32: the file is cut short"));
        body = SafetensorsFileWith("""{"__metadata__":{"checkpoint.version":"1"},"b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"checkpoint.sha256":{"dtype":"U8","shape":[32],"data_offsets":[1,33]}}""", 9);
        Assert.That(Refusal([.. body, .. SHA256.HashData(body)]), Does.Contain("tensor 'b': expected BOOL bytes of 0 or 1, found 9"));

        static byte[] SafetensorsFileWith(string header, params byte[] data)
            => [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.ASCII.GetBytes(header), .. data];
    }

    [Test]
    public void Names_of_the_format_are_refused()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        var tensor = new Checkpoint { Tensors = { ["checkpoint.sha256"] = Tensor.Ones([1]) } };
        var value = new Checkpoint { Values = { ["checkpoint.version"] = "x" } };
        Assert.That(() => CheckpointFile.Save(folder["a"], tensor), Throws.ArgumentException.With.Message.Contains("checkpoint.sha256"));
        Assert.That(() => CheckpointFile.Save(folder["a"], value), Throws.ArgumentException.With.Message.Contains("checkpoint.version"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty);
    }

    [Test]
    public void Saving_and_loading_leave_no_tensor_behind()
    {
        using var folder = new TemporaryFolder();
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        long live = pool.Statistics.LiveBytes;
        using (new TensorScope())
        {
            Checkpoint sample = Sample();
            long withSample = pool.Statistics.LiveBytes;
            CheckpointFile.Save(folder["a"], sample);
            Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(withSample));
        }

        CheckpointFile.Verify(folder["a"]);
        Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live));
        using (new TensorScope()) CheckpointFile.Load(folder["a"]);
        Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live));
    }

    internal static Checkpoint Sample()
    {
        var checkpoint = new Checkpoint
        {
            Tensors =
            {
                ["model.weight"] = Tensor.From([1.5f, -2, float.NaN, 0, 1e30f, 7], [2, 3]),
                ["model.mask"] = Tensor.From(true, false, true),
                ["optimizer.step"] = Tensor.From([long.MinValue], []),
                ["optimizer.empty"] = Tensor.Zeros([0, 3], DType.UInt8),
            },
        };
        checkpoint.Set("epoch", 3);
        checkpoint.Set("loss", 0.1);
        return checkpoint;
    }

    private static byte[] Whole()
    {
        using var folder = new TemporaryFolder();
        CheckpointFile.Save(folder["whole"], Sample());
        return File.ReadAllBytes(folder["whole"]);
    }

    private static void AssertRefused(byte[] content, string what) => Assert.That(Refusal(content), Is.Not.Null, what);

    private static string? Refusal(byte[] content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["damaged"], content);
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        long live = pool.Statistics.LiveBytes;
        try
        {
            using var scope = new TensorScope();
            CheckpointFile.Load(folder["damaged"]);
            return null;
        }
        catch (CheckpointFormatException e)
        {
            Assert.That(pool.Statistics.LiveBytes, Is.EqualTo(live), "a refused file left tensors behind");
            return e.Message;
        }
    }
}
