using System.Runtime.InteropServices;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Folders and files that may not be read, links that lead nowhere, pipes and devices: left out and named, or refused, as was chosen; and never waited for.</summary>
public sealed partial class UnreadableFolderTests
{
    private const UnixFileMode Listed = UnixFileMode.UserRead, Entered = UnixFileMode.UserExecute, ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    private static readonly ImageFolderOptions Refuse = new() { Width = 2, Height = 2, Fit = PictureFit.Exact, Threads = 1 }, Skip = Refuse with { OnBroken = OnBrokenFile.Skip };

    // Neither right, only to enter, only to list.
    [TestCase(UnixFileMode.None), TestCase(Entered), TestCase(Listed)]
    public void A_class_folder_that_may_not_be_read_is_left_out_and_named_or_refused(UnixFileMode mode) => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = Pictures();
        using (OrdinaryUser.Restrict(folder["b"], mode))
        {
            Assert.That(() => new ImageFolder(folder.Path, Refuse), Throws.InstanceOf<IOException>().With.Message.Contains(folder["b"]).And.Message.Contains("cannot be read")
                .And.Message.Contains("OnBrokenFile.Skip"));
            ImageFolder pictures = new(folder.Path, Skip);
            Assert.That(pictures.Classes, Is.EqualTo(new[] { "a", "b", "c" }), "the labels of the others do not depend on it");
            Assert.That(pictures.Labels.ToArray(), Is.EqualTo(new[] { 0, 0, 2, 2 }));
            Assert.That(pictures.Summary.FilesPerClass, Is.EqualTo(new[] { ("a", 2), ("b", 0), ("c", 2) }));
            Assert.That(pictures.Summary.Broken.Single().Path, Is.EqualTo(folder["b"]));
            Assert.That(pictures.Summary.ToString(), Does.Contain("4 pictures in 3 classes; 1 left out because they cannot be read").And.Contain($"{folder["b"]} cannot be read"));
        }

        Assert.That(new ImageFolder(folder.Path, Refuse).Count, Is.EqualTo(6));
    });

    [Test]
    public void A_folder_in_a_class_folder_that_may_not_be_read_is_left_out_and_named_or_refused() => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = Pictures();
        PngFile.Write(folder["b/deep/2.png"], new Picture(2, 2, 1));
        using (OrdinaryUser.Restrict(folder["b/deep"], UnixFileMode.None))
        {
            Assert.That(() => new ImageFolder(folder.Path, Refuse with { Nested = true }), Throws.InstanceOf<IOException>().With.Message.Contains(folder["b/deep"]));
            ImageFolder pictures = new(folder.Path, Skip with { Nested = true });
            Assert.That((pictures.Count, pictures.Summary.Broken.Single().Path), Is.EqualTo((6, folder["b/deep"])));
        }
    });

    [Test]
    public void A_picture_that_may_not_be_read_is_left_out_and_named_or_refused() => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = Pictures();
        using (OrdinaryUser.Restrict(folder["b/1.png"], UnixFileMode.None))
        {
            Assert.That(() => new ImageFolder(folder.Path, Refuse), Throws.InstanceOf<FormatException>().With.Message.Contains($"{folder["b/1.png"]}: cannot be read"));
            ImageFolder pictures = new(folder.Path, Skip);
            Assert.That(pictures.Summary.Broken.Single().Path, Is.EqualTo(folder["b/1.png"]));
            Assert.That(pictures.Summary.ToString(), Does.Contain("5 pictures in 3 classes; 1 left out").And.Contain("b/1.png: cannot be read"));
        }
    });

    [Test]
    public void A_picture_that_may_no_longer_be_read_ends_the_loop_with_its_name([Values(1, 3)] int workers, [Values] OnBrokenFile onBroken) => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = Pictures();
        using DataLoader loader = new(new ImageFolder(folder.Path, Refuse with { OnBroken = onBroken }), 1, workers: workers);
        int seen = 0;
        using (OrdinaryUser.Restrict(folder["b/1.png"], UnixFileMode.None))
            Assert.That(() =>
            {
                foreach (Batch _ in loader) seen++;
            }, Throws.InstanceOf<UnauthorizedAccessException>().With.Message.Contains(folder["b/1.png"]));
        Assert.That(seen, Is.EqualTo(3), "all batches before it");
        Assert.That(loader.Count(), Is.EqualTo(3), "and those from it on, once it may be read again");
    });

    [Test]
    public void A_root_that_may_not_be_read_is_refused([Values] OnBrokenFile onBroken) => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = Pictures();
        ImageFolderOptions options = Refuse with { OnBroken = onBroken };
        using (OrdinaryUser.Restrict(folder.Path, UnixFileMode.None))
        {
            Assert.That(() => new ImageFolder(folder.Path, options), Throws.InstanceOf<IOException>().With.Message.Contains($"{folder.Path} cannot be read").And.Message.Contains("permissions"));
            Assert.That(() => new ImageFolder(folder["a"], options), Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("must not be looked for"));
        }
    });

    [Test]
    public void A_file_that_may_not_be_read_is_named_by_every_reader() => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = new();
        string path = folder["file"];
        File.WriteAllText(path, "content");
        using IDisposable restriction = OrdinaryUser.Restrict(path, UnixFileMode.None);
        foreach (Action read in (Action[])
            [
                () => PictureFile.Read(path), () => PngFile.Read(path), () => IdxFile.Read(path), () => CifarFile.Read([path], [10], 0), () => CsvTable.Load(path), () => TableEncoder.Load(path),
                () => Safetensors.Load(path), () => Gradwright.Training.CheckpointFile.Load(path),
            ])
            Assert.That(read, Throws.InstanceOf<UnauthorizedAccessException>().With.Message.Contains(path));
    });

    [Test]
    public void What_was_learned_is_kept_where_a_folder_may_not_be_written() => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = new();
        Normalize first = Normalize.ByChannel([0.5f], [1]);
        first.Save(folder["normalize.json"]);
        using (OrdinaryUser.Restrict(folder.Path, ReadOnly))
            Assert.That(() => Normalize.ByChannel([0.25f], [2]).Save(folder["normalize.json"]),
                Throws.InstanceOf<IOException>().With.Message.Contains($"{folder["normalize.json"]} was not written and is as it was before").And.Message.Contains("denied"));
        Assert.That(Normalize.Load(folder["normalize.json"]).Mean.ToArray(), Is.EqualTo(new[] { 0.5f }));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1), "nothing half written");
    });

    [Test]
    [Platform(Exclude = "Win", Reason = "making links needs rights there")]
    public void Links_that_lead_nowhere_are_left_out_and_named_or_refused()
    {
        using TemporaryFolder folder = Pictures();
        File.CreateSymbolicLink(folder["a/circle.png"], folder["a/circle.png"]);
        File.CreateSymbolicLink(folder["a/gone.png"], folder["nowhere.png"]);
        Assert.That(() => new ImageFolder(folder.Path, Refuse), Throws.InstanceOf<FormatException>().With.Message.Contains("circle.png: cannot be read"));
        Directory.CreateSymbolicLink(folder["b2"], folder["b2"]);
        Directory.CreateSymbolicLink(folder["b3"], folder["a disk that is not there"]);
        Directory.CreateSymbolicLink(folder["d"], folder["a"]);
        Assert.That(() => new ImageFolder(folder.Path, Refuse), Throws.InstanceOf<IOException>().With.Message.Contains($"{folder["b2"]} cannot be read").And.Message.Contains("links"));
        ImageFolder pictures = new(folder.Path, Skip);
        Assert.That(pictures.Summary.FilesPerClass, Is.EqualTo(new[] { ("a", 2), ("b", 2), ("b2", 0), ("b3", 0), ("c", 2), ("d", 2) }));
        Assert.That(pictures.Summary.Broken.Select(b => Path.GetRelativePath(folder.Path, b.Path)), Is.EqualTo(new[] { "b2", "b3", "a/circle.png", "a/gone.png", "d/circle.png", "d/gone.png" }));
    }

    // A pipe that nobody writes to would be waited for, a device never ends.
    [Test]
    [Platform(Exclude = "Win", Reason = "it has neither")]
    public void Pipes_and_devices_are_no_pictures([Values] bool linked) => HangGuard.Run(() =>
    {
        using TemporaryFolder folder = Pictures();
        Assert.That(MakePipe(folder[linked ? "pipe" : "b/3.png"], 0x1B6), Is.Zero);
        if (linked) File.CreateSymbolicLink(folder["b/3.png"], folder["pipe"]);
        File.CreateSymbolicLink(folder["b/4.png"], "/dev/zero");
        Assert.That(() => new ImageFolder(folder.Path, Refuse), Throws.InstanceOf<FormatException>().With.Message.Contains("3.png: expected a picture, found an empty file, or a pipe or device"));
        Assert.That(new ImageFolder(folder.Path, Skip).Summary.Broken.Select(b => Path.GetFileName(b.Path)), Is.EqualTo(new[] { "3.png", "4.png" }));
        Assert.That(() => PictureFile.Read(folder["b/3.png"]), Throws.InstanceOf<FormatException>());
    });

    private static TemporaryFolder Pictures()
    {
        TemporaryFolder folder = new();
        foreach (string name in (string[])["a", "b", "c"])
            for (int i = 0; i < 2; i++) PngFile.Write(folder[$"{name}/{i}.png"], new Picture(2, 2, 1));
        return folder;
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
