using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class CifarTests
{
    [TestCase("")]
    [TestCase("cifar-10-batches-bin/")]
    public void Six_files_make_a_training_and_a_test_set(string inner)
    {
        using var folder = new TemporaryFolder();
        WriteTen(folder, inner);
        (LabeledImages train, LabeledImages test) = Cifar10.Load(folder.Path);
        Assert.That(train.ToString(), Is.EqualTo("10 images [3, 32, 32] in 10 classes"));
        Assert.That(test.Count, Is.EqualTo(2));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new byte[] { 1, 2, 2, 3, 3, 4, 4, 5, 5, 6 }), "the batches in their order");
        Assert.That(train[3].ToArray(), Is.EqualTo(Pixels(2, 1)));
    }

    [Test]
    public void Cifar_100_gives_classes_or_superclasses()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["train.bin"], [19, 99, .. Pixels(1, 0), 4, 7, .. Pixels(1, 1)]);
        File.WriteAllBytes(folder["test.bin"], [0, 0, .. Pixels(2, 0)]);
        (LabeledImages fine, LabeledImages test) = Cifar100.Load(folder.Path);
        Assert.That((fine.Classes, fine.Labels.ToArray(), test.Count), Is.EqualTo((100, new byte[] { 99, 7 }, 1)));
        LabeledImages coarse = Cifar100.Load(folder.Path, superclasses: true).Train;
        Assert.That((coarse.Classes, coarse.Labels.ToArray()), Is.EqualTo((20, new byte[] { 19, 4 })));
        Assert.That(coarse[1].ToArray(), Is.EqualTo(Pixels(1, 1)));
    }

    [Test]
    public void A_missing_folder_or_file_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Cifar10.Load(folder["nowhere"]), Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("Cifar10.DownloadAsync"));
        Assert.That(() => Cifar100.Load(folder.Path), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("lacks train.bin, test.bin"));
        WriteTen(folder, "");
        File.Delete(folder["data_batch_4.bin"]);
        Assert.That(() => Cifar10.Load(folder.Path), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("lacks data_batch_4.bin."));
    }

    [Test]
    public void Files_that_are_no_whole_number_of_records_are_refused()
    {
        AssertRefused([], "found 0 bytes");
        AssertRefused([1, .. Pixels(0, 0)[1..]], "records of 3073 bytes", "found 3072 bytes");
        AssertRefused([0, 1, .. Pixels(0, 0)], "found 3074 bytes", "is it the right one?");
    }

    [Test]
    public void Labels_out_of_range_are_refused() =>
        AssertRefused([9, .. Pixels(0, 0), 10, .. Pixels(0, 1)], "a label of 0 to 9, found 10 in record 1");

    private static void AssertRefused(byte[] content, params string[] reasons)
    {
        CifarFormatException e = Assert.Throws<CifarFormatException>(() => CifarFile.Read([("bad.bin", content)], [10], 0))!;
        Assert.That(e.Message, Does.StartWith("bad.bin: expected"));
        foreach (string reason in reasons) Assert.That(e.Message, Does.Contain(reason));
    }

    private static void WriteTen(TemporaryFolder folder, string inner)
    {
        Directory.CreateDirectory(folder[inner]);
        for (int i = 1; i <= 5; i++)
            File.WriteAllBytes(folder[$"{inner}data_batch_{i}.bin"], [(byte)i, .. Pixels(i, 0), (byte)(i + 1), .. Pixels(i, 1)]);
        File.WriteAllBytes(folder[inner + "test_batch.bin"], [0, .. Pixels(6, 0), 9, .. Pixels(6, 1)]);
    }

    private static byte[] Pixels(int file, int image) => [.. Enumerable.Range(0, 3072).Select(i => (byte)(i * 31 / 7 + 50 * file + 9 * image))];
}
