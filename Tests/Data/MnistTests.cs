using System.Security.Cryptography;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class MnistTests
{
    [TestCase("{0}-images-idx3-ubyte", "{0}-labels-idx1-ubyte")]
    [TestCase("{0}-images-idx3-ubyte.gz", "{0}-labels-idx1-ubyte.gz")]
    [TestCase("{0}-images.idx3-ubyte", "{0}-labels.idx1-ubyte.gz")]
    public void Four_files_make_a_training_and_a_test_set(string imagesName, string labelsName)
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder, imagesName, labelsName);
        (LabeledImages train, LabeledImages test) = Mnist.Load(folder.Path);
        Assert.That(train.ToString(), Is.EqualTo("5 images [1, 28, 28] in 10 classes"));
        Assert.That(test.Count, Is.EqualTo(3));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new byte[] { 0, 1, 2, 3, 4 }));
        Assert.That(train[3].ToArray(), Is.EqualTo(Pixels(5).AsSpan(3 * 784, 784).ToArray()));
    }

    [Test]
    public void A_range_of_images_shares_the_memory()
    {
        var all = new LabeledImages(Pixels(5), new byte[] { 4, 3, 2, 1, 0 }, 1, 28, 28, 10);
        LabeledImages last = all[3..];
        Assert.That(last.Labels.ToArray(), Is.EqualTo(new byte[] { 1, 0 }));
        Assert.That(System.Runtime.CompilerServices.Unsafe.AreSame(in last[1][0], in all[4][0]));
    }

    [Test]
    public void Images_labels_and_classes_that_disagree_are_refused()
    {
        Assert.That(() => new LabeledImages(Pixels(2), new byte[3], 1, 28, 28, 10),
            Throws.ArgumentException.With.Message.Contains("3 labels need 3 images"));
        Assert.That(() => new LabeledImages(Pixels(2), new byte[] { 0, 10 }, 1, 28, 28, 10),
            Throws.ArgumentException.With.Message.Contains("label 1 is 10"));
        Assert.That(() => new LabeledImages(Pixels(2), new byte[2], 0, 28, 28, 10), Throws.ArgumentException.With.Message.Contains("0 channels"));
    }

    [Test]
    public void A_missing_folder_or_file_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Mnist.Load(folder["nowhere"]), Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("DownloadAsync"));
        Assert.That(() => Mnist.Load(folder.Path),
            Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("train-images-idx3-ubyte, train-labels"));
        WriteSet(folder, "{0}-images-idx3-ubyte", "{0}-labels-idx1-ubyte");
        File.Delete(folder["t10k-labels-idx1-ubyte"]);
        Assert.That(() => Mnist.Load(folder.Path),
            Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("lacks t10k-labels-idx1-ubyte ("));
    }

    [Test]
    public void Files_that_are_not_mnist_are_refused()
    {
        AssertRefused("train-labels-idx1-ubyte", IdxArray.Create<byte>(new byte[6], 6), "each of the 5 images", "found 6 labels");
        AssertRefused("train-labels-idx1-ubyte", IdxArray.Create<byte>([0, 1, 10, 3, 4], 5), "expected labels 0 to 9, found 10 at position 2");
        AssertRefused("train-images-idx3-ubyte", IdxArray.Create<byte>(new byte[5 * 100], 5, 10, 10), "shape [n, 28, 28], found UInt8 [5, 10, 10]");
        AssertRefused("t10k-images-idx3-ubyte", IdxArray.Create<float>(new float[3 * 784], 3, 28, 28), "found Float32 [3, 28, 28]");
        AssertRefused("t10k-labels-idx1-ubyte", IdxArray.Create<byte>(Pixels(3), 3, 28, 28), "UInt8 labels of shape [n], found UInt8 [3, 28, 28]");

        static void AssertRefused(string name, IdxArray replacement, params string[] reasons)
        {
            using var folder = new TemporaryFolder();
            WriteSet(folder, "{0}-images-idx3-ubyte", "{0}-labels-idx1-ubyte");
            IdxFile.Write(folder[name], replacement);
            IdxFormatException e = Assert.Throws<IdxFormatException>(() => Mnist.Load(folder.Path))!;
            Assert.That(e.Message, Does.Contain(folder[name]));
            foreach (string reason in reasons) Assert.That(e.Message, Does.Contain(reason));
        }
    }

    [Test]
    public async Task A_download_is_kept_only_if_its_checksum_is_right()
    {
        using var folder = new TemporaryFolder();
        byte[] right = [1, 2, 3];
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(right));
        Uri first = new("https://first.test/file"), second = new("https://second.test/file");
        using FakeServer server = new(new Dictionary<Uri, byte[]> { [first] = [1, 2, 4], [second] = right });
        using var client = new HttpClient(server);

        Assert.That(await VerifiedDownload.FetchAsync(folder["file"], sha256, [first, second], client), Is.True);
        Assert.That(await File.ReadAllBytesAsync(folder["file"]), Is.EqualTo(right));
        Assert.That(await VerifiedDownload.FetchAsync(folder["file"], sha256, [first, second], client), Is.False, "a right file is kept");
        Assert.That(server.Offsets, Has.Count.EqualTo(2));

        await File.WriteAllBytesAsync(folder["file"], [9]);
        Uri absent = new("https://absent.test/file");
        IOException e = Assert.ThrowsAsync<IOException>(() => VerifiedDownload.FetchAsync(folder["file"], sha256, [first, absent], client))!;
        Assert.That(e.Message, Does.Contain("first.test/file: expected the SHA-256").And.Contain("absent.test/file: ").And.Contain("404"));
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(new[] { folder["file"] }), "no partial file stays behind");
    }

    [Test]
    public void Without_a_network_the_error_names_file_mirrors_and_remedy()
    {
        using var folder = new TemporaryFolder();
        using FakeServer server = new(new Dictionary<Uri, byte[]>());
        using var client = new HttpClient(server);
        IOException e = Assert.ThrowsAsync<IOException>(() => Mnist.DownloadAsync(folder["new"], client))!;
        foreach (string part in (string[])["train-images-idx3-ubyte.gz", "ossci-datasets", "cvdf-datasets", "Check the network"])
            Assert.That(e.Message, Does.Contain(part));
    }

    private static void WriteSet(TemporaryFolder folder, string imagesName, string labelsName)
    {
        foreach ((string part, int count) in (ReadOnlySpan<(string, int)>)[("train", 5), ("t10k", 3)])
        {
            IdxFile.Write(folder[string.Format(imagesName, part)], IdxArray.Create<byte>(Pixels(count), count, 28, 28));
            byte[] labels = [.. Enumerable.Range(0, count).Select(i => (byte)i)];
            IdxFile.Write(folder[string.Format(labelsName, part)], IdxArray.Create<byte>(labels, count));
        }
    }

    private static byte[] Pixels(int count) => [.. Enumerable.Range(0, count * 784).Select(i => (byte)(i * 31 / 7))];
}
