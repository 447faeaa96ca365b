using System.Security.Cryptography;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class VerifiedDownloadTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * i / 11))];
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));
    private static readonly Uri Address = new("https://server.test/file"), Mirror = new("https://mirror.test/file");

    [Test]
    public async Task A_broken_download_goes_on_where_it_stopped()
    {
        using var folder = new TemporaryFolder();
        using FakeServer server = new(Content) { Breaks = 60_000 };
        IOException e = Assert.ThrowsAsync<IOException>(() => Fetch(folder, server))!;
        Assert.That(e.Message, Does.Contain("the connection broke").And.Contain("bytes that arrived are kept"));
        Assert.That(File.Exists(folder["file"]), Is.False);
        long kept = new FileInfo(folder["file.download"]).Length;
        Assert.That(kept, Is.GreaterThan(0));

        server.Breaks = int.MaxValue;
        Assert.That(await Fetch(folder, server), Is.True);
        Assert.That(server.Offsets, Is.EqualTo(new long[] { 0, kept }), "only the rest was asked for");
        Assert.That(await File.ReadAllBytesAsync(folder["file"]), Is.EqualTo(Content));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Another_address_goes_on_with_what_the_first_one_sent()
    {
        using var folder = new TemporaryFolder();
        using FakeServer server = new(Content) { Breaks = 60_000, BreaksOnce = true };
        Assert.That(await Fetch(folder, server, Address, Mirror), Is.True);
        Assert.That(server.Offsets, Has.Count.EqualTo(2).And.ItemAt(1).GreaterThan(0));
        Assert.That(await File.ReadAllBytesAsync(folder["file"]), Is.EqualTo(Content));
    }

    [Test]
    public async Task A_server_without_ranges_sends_everything_again()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["file.download"], Content[..1000]);
        using FakeServer server = new(Content) { HasRanges = false };
        Assert.That(await Fetch(folder, server), Is.True);
        Assert.That(await File.ReadAllBytesAsync(folder["file"]), Is.EqualTo(Content));
    }

    [Test]
    public async Task A_wrong_beginning_is_thrown_away_and_everything_fetched()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["file.download"], new byte[1000]);
        using FakeServer server = new(Content);
        Assert.That(await Fetch(folder, server), Is.True);
        Assert.That(server.Offsets, Is.EqualTo(new long[] { 1000, 0 }));
        Assert.That(await File.ReadAllBytesAsync(folder["file"]), Is.EqualTo(Content));
    }

    [TestCase(100_000, 1)]
    [TestCase(100_001, 2)]
    public async Task A_partial_file_that_is_long_enough_is_checked(int length, int requests)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["file.download"], [.. Content, .. new byte[length - Content.Length]]);
        using FakeServer server = new(Content);
        Assert.That(await Fetch(folder, server), Is.True);
        Assert.That(server.Offsets, Has.Count.EqualTo(requests));
        Assert.That(await File.ReadAllBytesAsync(folder["file"]), Is.EqualTo(Content));
    }

    [Test]
    public void Wrong_content_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using FakeServer server = new([1, 2, 3]);
        Assert.That(() => Fetch(folder, server), Throws.InstanceOf<IOException>().With.Message.Contains("expected the SHA-256"));
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    private static async Task<bool> Fetch(TemporaryFolder folder, FakeServer server, params Uri[] addresses)
    {
        using var client = new HttpClient(server, disposeHandler: false);
        return await VerifiedDownload.FetchAsync(folder["file"], Hash, addresses is [] ? [Address] : addresses, client);
    }
}
