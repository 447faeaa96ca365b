using System.IO.Compression;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class IdxFileTests
{
    private static readonly IdxArray Sample = IdxArray.Create<short>([1, -2, 3, 4, 5, short.MinValue], 2, 3);

    [Test]
    public void Every_type_survives_plain_and_compressed_files()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["a.idx", "a.idx.gz"])
        {
            Round<byte>([0, 255, 7, 8], folder[name]);
            Round<sbyte>([-128, 127, 0, -1], folder[name]);
            Round<short>([-32768, 32767, 258, -1], folder[name]);
            Round<int>([int.MinValue, int.MaxValue, 0x01020304, -1], folder[name]);
            Round<float>([float.NaN, float.NegativeInfinity, 1.5f, float.Epsilon], folder[name]);
            Round<double>([double.NaN, -0.0, Math.PI, double.MaxValue], folder[name]);
        }

        static void Round<T>(T[] values, string path) where T : unmanaged
        {
            IdxFile.Write(path, IdxArray.Create<T>(values, 2, 1, 2));
            IdxArray read = IdxFile.Read(path);
            Assert.That(read.Shape.ToArray(), Is.EqualTo(new[] { 2, 1, 2 }));
            Assert.That(read.Values<T>().ToArray(), Is.EqualTo(values));
        }
    }

    [Test]
    public void Numbers_are_big_endian_after_the_header() =>
        Assert.That(Plain(IdxArray.Create<int>([0x01020304], 1)), Is.EqualTo(new byte[] { 0, 0, 0x0C, 1, 0, 0, 0, 1, 1, 2, 3, 4 }));

    [Test]
    public void Compression_is_seen_from_the_content()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["misnamed.idx"], Gzip(Plain(Sample)));
        File.WriteAllBytes(folder["misnamed.gz"], Plain(Sample));
        Assert.That(IdxFile.Read(folder["misnamed.idx"]).Values<short>().ToArray(), Is.EqualTo(Sample.Values<short>().ToArray()));
        Assert.That(IdxFile.Read(folder["misnamed.gz"]).Values<short>().ToArray(), Is.EqualTo(Sample.Values<short>().ToArray()));
    }

    [TestCase(new byte[] { }, "only 0 bytes")]
    [TestCase(new byte[] { 0, 0, 8 }, "only 3 bytes")]
    [TestCase(new byte[] { 0x50, 0x4B, 3, 4, 0, 0 }, "50 4B 03 04")]
    [TestCase(new byte[] { 0, 0, 0x0A, 1, 0, 0, 0, 1, 9 }, "00 00 0A 01")]
    [TestCase(new byte[] { 0, 0, 8, 0 }, "rank of at least 1")]
    [TestCase(new byte[] { 0, 0, 8, 2, 0, 0, 0, 1, 0, 0 }, "2 sizes of 4 bytes each")]
    [TestCase(new byte[] { 0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 0 }, "the size 0 in dimension 1")]
    [TestCase(new byte[] { 0, 0, 8, 1, 0, 0, 0, 3, 1, 2 }, "found only 2: the file is cut short")]
    [TestCase(new byte[] { 0, 0, 8, 1, 0, 0, 0, 1, 1, 2 }, "to end after 1 bytes")]
    [TestCase(new byte[] { 0x1F, 0x8B, 8, 0, 0, 0 }, "")]
    public void Bad_content_is_refused_by_name(byte[] content, string reason)
    {
        IdxFormatException e = Assert.Throws<IdxFormatException>(() => IdxFile.Read(new MemoryStream(content), "train-labels"))!;
        Assert.That(e.Message, Does.StartWith("train-labels: expected").And.Contain(reason).And.EndWith("again."));
    }

    [Test]
    public void Sizes_that_no_array_can_hold_are_refused_without_allocating()
    {
        byte[] twice2Pow31 = [0, 0, 8, 2, 0x80, 0, 0, 0, 0x80, 0, 0, 0];
        byte[] largestRank = [0, 0, 0x0E, 255, .. Enumerable.Repeat((byte)0xFF, 255 * 4)];
        byte[] almostLargestArray = [0, 0, 8, 1, 0x7F, 0xFF, 0xFF, 0xC7, 1, 2, 3];
        foreach (byte[] content in (byte[][])[twice2Pow31, largestRank, almostLargestArray, Gzip(almostLargestArray)])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<IdxFormatException>(() => IdxFile.Read(new MemoryStream(content), "hostile"));
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2 << 20));
        }
    }

    [Test]
    public void Data_longer_than_the_first_allocation_arrive_whole()
    {
        byte[] values = new byte[5_000_003];
        new Random(1).NextBytes(values);
        IdxArray read = IdxFile.Read(new MemoryStream(Gzip(Plain(IdxArray.Create<byte>(values, values.Length)))), "large");
        Assert.That(read.Values<byte>().SequenceEqual(values));
    }

    [Test]
    public void Values_of_another_type_or_shape_are_refused()
    {
        Assert.That(() => Sample.Values<int>(), Throws.ArgumentException.With.Message.Contains("holds Int16, not Int32"));
        Assert.That(() => IdxArray.Create<byte>([1, 2, 3], 2, 2), Throws.ArgumentException.With.Message.Contains("[2, 2]"));
        Assert.That(() => IdxArray.Create<long>([1], 1), Throws.ArgumentException.With.Message.Contains("Int64 is not an idx type"));
    }

    [Test]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["taken"]);
        Assert.That(() => IdxFile.Write(folder["taken"], Sample), Throws.InstanceOf<SystemException>());
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.EqualTo(new[] { folder["taken"] }));
    }

    [Test]
    public void Damaged_files_give_the_right_answer_or_a_format_exception()
    {
        byte[] plain = Plain(IdxArray.Create<float>([.. Enumerable.Range(0, 60).Select(i => i * 0.37f)], 3, 4, 5)), packed = Gzip(plain);
        Damage.Check(plain, (damaged, cut) =>
        {
            if (Read(damaged) is not { } array) return;
            Assert.That(cut, Is.False, "a file cut short was read");
            Assert.That(Plain(array), Is.EqualTo(damaged));
        });
        Damage.Check(packed, (damaged, _) =>
        {
            if (Read(damaged) is { } array) Assert.That(Plain(array), Is.EqualTo(plain), "damage in compressed data went unnoticed");
        });

        static IdxArray? Read(byte[] content)
        {
            try
            {
                return IdxFile.Read(new MemoryStream(content), "damaged");
            }
            catch (FormatException)
            {
                return null;
            }
        }
    }

    private static byte[] Plain(IdxArray array)
    {
        using var stream = new MemoryStream();
        IdxFile.Write(stream, array);
        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(content);
        return stream.ToArray();
    }
}
