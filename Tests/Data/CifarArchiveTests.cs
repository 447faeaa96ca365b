using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class CifarArchiveTests
{
    [Test]
    public async Task An_archive_is_downloaded_once_and_only_its_known_files_unpacked()
    {
        using var folder = new TemporaryFolder();
        byte[] packed = Pack(("inner/train.bin", 3), ("inner/", null), ("inner/readme.html", 1), ("../../test.bin", 5));
        CifarArchive archive = new("CIFAR-2", "two.tar.gz", Convert.ToHexStringLower(SHA256.HashData(packed)), "inner", ["train.bin"], ["test.bin"]);
        using FakeServer server = new(packed);
        using var client = new HttpClient(server);
        List<string> lines = [];

        await archive.DownloadAsync(folder["data"], client, lines.Add, CancellationToken.None);
        Assert.That(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder.Path, f)),
            Is.EquivalentTo(new[] { "data/two.tar.gz", "data/inner/train.bin", "data/inner/test.bin" }), "nothing outside the folder");
        Assert.That(File.ReadAllBytes(archive.Find(folder["data"]).Test[0]), Is.EqualTo(new byte[5]));
        Assert.That(lines, Has.Count.EqualTo(2).And.ItemAt(1).EndsWith("2 files unpacked"));

        await archive.DownloadAsync(folder["data"], client, lines.Add, CancellationToken.None);
        File.Delete(folder["data/inner/test.bin"]);
        await archive.DownloadAsync(folder["data"], client, lines.Add, CancellationToken.None);
        Assert.That(File.Exists(folder["data/inner/test.bin"]), "what is missing is unpacked again");
        Assert.That((server.Offsets.Count, lines.Count(l => l.Contains("unpacked"))), Is.EqualTo((1, 2)));
    }

    private static byte[] Pack(params (string Name, int? Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
            foreach ((string name, int? bytes) in entries)
            {
                UstarTarEntry entry = new(bytes is null ? TarEntryType.Directory : TarEntryType.RegularFile, name);
                if (bytes is { } length) entry.DataStream = new MemoryStream(new byte[length]);
                tar.WriteEntry(entry);
            }
        return stream.ToArray();
    }
}
