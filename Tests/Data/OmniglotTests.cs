using System.IO.Compression;
using System.Security.Cryptography;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[InTensorScope]
public sealed class OmniglotTests
{
    // In another order than that of the names.
    private static readonly string[] Names = ["Latin/character02/0300_02.png", "Latin/character01/0200_01.png", "Greek/character01/0100_02.png", "Greek/character01/0100_01.png", "Latin/character01/0200_02.png"];

    // A line of ink across the drawing at a height that tells it from the others.
    private static byte[] Drawing(int line, int side = Omniglot.OriginalSide)
    {
        Picture picture = new(side, side, 1);
        picture.Pixels.AsSpan().Fill(255);
        picture.Row(line).Clear();
        using MemoryStream stream = new();
        PngFile.Write(stream, picture);
        return stream.ToArray();
    }

    private static byte[] Pack(params (string Name, byte[] Content)[] entries)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }

        return stream.ToArray();
    }

    private static byte[] Archive(string folder) => Pack([(folder + "/", []), .. Names.Select((name, i) => ($"{folder}/{name}", Drawing(i))), ("__MACOSX/Greek/character01/._0100_01.png", [1]), ($"{folder}/readme.txt", [2])]);

    private static void AssertComplete(Omniglot set, int side)
    {
        Assert.That(set.Characters, Is.EqualTo(new[] { "Greek/character01", "Latin/character01", "Latin/character02" }));
        Assert.That(set.Labels.ToArray(), Is.EqualTo(new[] { 0, 0, 1, 1, 2 }));
        if (side == Omniglot.OriginalSide)
            Assert.That(Enumerable.Range(0, 5).Select(i => set[i].IndexOf((byte)255) / side), Is.EqualTo(new[] { 3, 2, 1, 4, 0 }), "drawings in the order of their names, ink is 255");
    }

    [TestCase(105), TestCase(28)]
    public void Archives_and_folders_give_the_same(int side)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["images_background.zip"], Archive("images_background"));
        for (int i = 0; i < Names.Length; i++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"images_evaluation/{Names[i]}"])!);
            File.WriteAllBytes(folder[$"images_evaluation/{Names[i]}"], Drawing(i));
        }

        (Omniglot background, Omniglot evaluation) = Omniglot.Load(folder.Path, side);
        AssertComplete(background, side);
        AssertComplete(evaluation, side);
        Assert.That(background.ToString(), Is.EqualTo($"Omniglot(5 drawings of 3 characters, {side} × {side})"));
        using DataLoader first = new(background, 5), second = new(evaluation, 5);
        Tensor drawings = first.First().Input;
        float[] x = drawings.ToArray<float>();
        Assert.That(second.First().Input.ToArray<float>(), Is.EqualTo(x));
        Assert.That(drawings.Shape, Is.EqualTo(Shape.Create(5, 1, side, side)));
        Assert.That(x.Average(), Is.EqualTo(1.0 / 105).Within(1e-3), "ink 1, paper 0");
    }

    [Test]
    public void Idx_files_keep_everything_but_names()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["part.zip"], Archive("part"));
        Omniglot set = Omniglot.Read(folder["part.zip"], 20);
        set.SaveIdx(folder["images.gz"], folder["labels"]);
        Omniglot loaded = Omniglot.LoadIdx(folder["images.gz"], folder["labels"]);
        Assert.That((loaded.Count, loaded.Side, loaded.Characters), Is.EqualTo((5, 20, new[] { "0", "1", "2" })));
        Assert.That(loaded.Labels.ToArray(), Is.EqualTo(set.Labels.ToArray()));
        for (int i = 0; i < 5; i++) Assert.That(loaded[i].ToArray(), Is.EqualTo(set[i].ToArray()));

        IdxFile.Write(folder["labels"], IdxArray.Create<short>([0, 0, 1, 1, 2], 5));
        Assert.That(Omniglot.LoadIdx(folder["images.gz"], folder["labels"]).Labels.ToArray(), Is.EqualTo(set.Labels.ToArray()));
        IdxFile.Write(folder["labels"], IdxArray.Create<int>([0, 0, -1, 1, 2], 5));
        Assert.That(() => Omniglot.LoadIdx(folder["images.gz"], folder["labels"]), Throws.TypeOf<IdxFormatException>().With.Message.Contains("found -1 at position 2"));
        IdxFile.Write(folder["labels"], IdxArray.Create<int>([0, 0, 1], 3));
        Assert.That(() => Omniglot.LoadIdx(folder["images.gz"], folder["labels"]), Throws.TypeOf<IdxFormatException>().With.Message.Contains("each of the 5 drawings"));
        Assert.That(() => Omniglot.LoadIdx(folder["labels"], folder["labels"]), Throws.TypeOf<IdxFormatException>().With.Message.Contains("[n, side, side]"));
    }

    [Test]
    public async Task Archives_are_downloaded_once_and_go_on_where_they_were_interrupted()
    {
        using TemporaryFolder folder = new();
        byte[] first = Archive("images_background"), second = Archive("images_evaluation");
        (string, string)[] parts = [("images_background", Hash(first)), ("images_evaluation", Hash(second))];
        using FakeServer server = new(address => address.Host != "raw.githubusercontent.com" ? null : address.AbsolutePath.EndsWith("/master/python/images_background.zip", StringComparison.Ordinal) ? first : second) { Breaks = 500 };
        using HttpClient client = new(server);
        Assert.ThrowsAsync<IOException>(() => Omniglot.DownloadAsync(parts, folder.Path, client, null, default));
        server.Breaks = int.MaxValue;
        List<string> lines = [];
        await Omniglot.DownloadAsync(parts, folder.Path, client, lines.Add, default);
        Assert.That(server.Offsets, Has.Member(500));
        Assert.That(lines, Has.Count.EqualTo(2).And.All.EndsWith("downloaded, SHA-256 checked"));
        int requests = server.Offsets.Count;
        await Omniglot.DownloadAsync(parts, folder.Path, client, lines.Add, default);
        Assert.That(server.Offsets, Has.Count.EqualTo(requests));
        AssertComplete(Omniglot.Load(folder.Path).Evaluation, 28);
        IOException e = Assert.ThrowsAsync<IOException>(() => Omniglot.DownloadAsync(folder["official"], client))!;
        Assert.That(e.Message, Does.Contain("ad41ab679c8b5d90").And.Contain("github.com/brendenlake/omniglot/raw"));

        static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
    }

    [Test]
    public void Archives_that_are_no_drawings_are_refused_with_the_reason()
    {
        using TemporaryFolder folder = new();
        AssertRefused([1, 2, 3], "intact zip archive");
        AssertRefused(Archive("a")[..^30], "intact zip archive");
        AssertRefused(Pack(("readme.txt", [1])), "found none");
        AssertRefused(Pack(("Greek/character01/a.png", [1])), "a.png");
        AssertRefused(Pack(("Greek/character01/a.png", Drawing(1)[..60])), "a.png");
        AssertRefused(Pack(("Greek/character01/a.png", Drawing(1, 104))), "expected a gray drawing of 105 × 105, found 104 × 104");
        AssertRefused(Pack(("Greek/../a.png", Drawing(1))), "without '.', '..'");
        AssertRefused(Pack(("/Greek/character01/a.png", Drawing(1))), "without '.', '..'");
        AssertRefused(Pack(("Greek/character01/a.png", new byte[50_000_000])), "at most 65536 bytes, found more");       // 50 kB that unpack to a thousand times as much
        AssertRefused(Pack(("Greek/character01/a.png", PngBytes.Build(50_000, 50_000, 0, new byte[100]))), "a.png");
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1), "nothing is unpacked");
        Assert.That(() => Omniglot.Load(folder.Path), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("lacks images_background.zip").And.Message.Contains("DownloadAsync"));
        Assert.That(() => Omniglot.Read(folder["x.zip"], 0), Throws.InstanceOf<ArgumentOutOfRangeException>());

        void AssertRefused(byte[] content, string reason)
        {
            File.WriteAllBytes(folder["x.zip"], content);
            Assert.That(() => Omniglot.Read(folder["x.zip"]), Throws.TypeOf<OmniglotFormatException>().With.Message.Contains("x.zip").And.Message.Contains(reason));
        }
    }

    [Test]
    public void Mutated_archives_are_read_or_refused_by_name()
    {
        using TemporaryFolder folder = new();
        string path = folder[Fuzz.Name];
        Fuzz.Check<OmniglotFormatException>([Pack([.. Names.Take(2).Select((name, i) => (name, Drawing(i)))])], seed: 30, file =>
        {
            File.WriteAllBytes(path, file);
            Assert.That(Omniglot.Read(path).Count, Is.Positive);
        });
    }
}
