using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

public sealed class ImageListTests
{
    private static readonly ImageFolderOptions Small = new() { Width = 2, Height = 2, Fit = PictureFit.Exact }, Skip = Small with { OnBroken = OnBrokenFile.Skip };

    // a/1.png, a/deep/er/2.png and b, c.png, of gray 10, 20 and 30.
    private static TemporaryFolder Pictures(string? list = null)
    {
        TemporaryFolder folder = new();
        foreach ((string name, byte gray) in (ReadOnlySpan<(string, byte)>)[("a/1.png", 10), ("a/deep/er/2.png", 20), ("b, c.png", 30)])
        {
            Picture picture = new(2, 2, 1);
            picture.Pixels.AsSpan().Fill(gray);
            PngFile.Write(folder["pictures/" + name], picture);
        }

        if (list is not null) File.WriteAllText(folder["list.txt"], list);
        return folder;
    }

    private static ImageList Open(TemporaryFolder folder, ImageListOptions? listOptions = null, ImageFolderOptions? options = null) => new(folder["list.txt"], folder["pictures"], options ?? Small, listOptions);

    [TestCase("/a/1.png 3\n/a/deep/er/2.png 0\n/a/1.png 0\n"), TestCase("a/1.png\t3\r\n\r\na\\deep\\er\\2.png\t0\r\na/1.png\t0"), TestCase("\uFEFFa/1.png,3\n\"a/deep/er/2.png\", 0\na/1.png,\"0\"\n")]
    public void Lines_name_pictures_and_the_numbers_of_their_classes(string list)
    {
        using TemporaryFolder folder = Pictures(list);
        ImageList pictures = Open(folder);
        Assert.That(pictures.Labels.ToArray(), Is.EqualTo(new[] { 3, 0, 0 }));
        Assert.That(pictures.Classes, Is.EqualTo(new[] { "0", "1", "2", "3" }));
        Assert.That(pictures.Paths.Select(p => Path.GetRelativePath(folder["pictures"], p)), Is.EqualTo(new[] { "a/1.png", "a/deep/er/2.png", "a/1.png" }));
        Assert.That(pictures.Summary.FilesPerClass, Is.EqualTo(new[] { ("0", 2), ("1", 0), ("2", 0), ("3", 1) }));
        Assert.That(pictures.Summary.ToString(), Does.Contain("3 pictures in 4 classes"));
        using DataLoader loader = new(pictures, 3);
        Batch batch = loader.First();
        Assert.That(batch.Input.ToArray<float>().Chunk(12).Select(x => x[0] * 255), Is.EqualTo(new[] { 10f, 20, 10 }).Within(1e-4));
        Assert.That(batch.Target.ToArray<long>(), Is.EqualTo(new[] { 3, 0, 0 }));
    }

    [Test]
    public void Labels_may_be_names()
    {
        using TemporaryFolder folder = Pictures("path\tclass\na/1.png\told house\na/deep/er/2.png\tabbey\n");
        ImageList pictures = Open(folder, new() { HasHeader = true }), given = Open(folder, new() { HasHeader = true, Classes = ["old house", "zoo", "abbey"] });
        Assert.That((pictures.Classes, pictures.Labels.ToArray()), Is.EqualTo((new[] { "abbey", "old house" }, new[] { 1, 0 })));
        Assert.That((given.Classes, given.Labels.ToArray()), Is.EqualTo((new[] { "old house", "zoo", "abbey" }, new[] { 0, 2 })));
        Assert.That(() => Open(folder, new() { HasHeader = true, Classes = ["abbey"] }), Throws.TypeOf<ImageListException>().With.Message.Contains("list.txt, line 2").And.Message.Contains("\"old house\""));
        Assert.That(() => Open(folder, new() { HasHeader = true, Classes = ["abbey", "abbey"] }), Throws.ArgumentException.With.Message.Contains("given twice"));
    }

    [Test]
    public void A_list_of_labels_is_for_the_pictures_in_the_order_of_their_names()
    {
        using TemporaryFolder folder = Pictures("2\n1\n2\n");
        foreach (string name in (string[])["v_3.png", "v_10.png", "V_1.png"]) File.Copy(folder["pictures/a/1.png"], Path.Combine(Directory.CreateDirectory(folder["val"]).FullName, name));
        ImageList pictures = ImageList.InOrder(folder["list.txt"], folder["val"], Small, new() { FirstLabel = 1, Classes = ["cat", "dog"] });
        Assert.That(pictures.Paths.Select(Path.GetFileName), Is.EqualTo(new[] { "V_1.png", "v_10.png", "v_3.png" }));
        Assert.That(pictures.Labels.ToArray(), Is.EqualTo(new[] { 1, 0, 1 }));
        Assert.That(() => ImageList.InOrder(folder["list.txt"], folder["val"], Small, new() { Classes = ["cat", "dog"] }), Throws.TypeOf<ImageListException>().With.Message.Contains("line 1: expected a label of 0 to 1").And.Message.Contains("\"2\""));
        File.AppendAllText(folder["list.txt"], "1\n");
        Assert.That(() => ImageList.InOrder(folder["list.txt"], folder["val"], Small), Throws.TypeOf<ImageListException>().With.Message.Contains("each of the 3 files").And.Message.Contains("found 4"));
    }

    [TestCase("../secret.png 1", "'..'"), TestCase("/../../secret.png 1", "'..'"), TestCase("a/../../secret.png 1", "'..'"), TestCase("..\\secret.png 1", "'..'"), TestCase("a/.. /x.png\t1", "'..'")]
    [TestCase("C:/secret.png 1", "drive"), TestCase("/ 1", "expected a path"), TestCase("a/\0.png 1", "expected a path"), TestCase("a/1.png", "a path and a label"), TestCase("a/1.png,", "a path and a label"), TestCase(",1", "a path and a label")]
    [TestCase("a/1.png cat", "\"cat\""), TestCase("a/1.png -1", "\"-1\""), TestCase("a/1.png 1.5", "\"1.5\""), TestCase("a/1.png 99999999999999999999", "\"99999999999999999999\""), TestCase("a/1.png 2147483647", "0 to 1048575")]
    public void Wrong_lines_are_refused_by_their_number_whatever_is_done_about_broken_files(string line, string reason)
    {
        using TemporaryFolder folder = Pictures($"a/1.png 0\n\n{line}\n");
        File.Copy(folder["pictures/a/1.png"], folder["secret.png"]);
        Assert.That(() => Open(folder, options: Skip), Throws.TypeOf<ImageListException>().With.Message.Contains("list.txt, line 3: ").And.Message.Contains(reason));
    }

    [Test]
    public void Missing_and_broken_pictures_are_refused_or_left_out_and_named()
    {
        using TemporaryFolder folder = Pictures("a/1.png,0\na/gone.png,1\nb, c.png,0\na/cut.png,1\n");
        File.WriteAllBytes(folder["pictures/a/cut.png"], File.ReadAllBytes(folder["pictures/a/1.png"])[..^15]);
        Assert.That(() => Open(folder), Throws.InstanceOf<FormatException>().With.Message.Contains("gone.png").And.Message.Contains("OnBrokenFile.Skip"));
        ImageList pictures = Open(folder, options: Skip);
        Assert.That((pictures.Count, pictures.Labels.ToArray()), Is.EqualTo((2, new[] { 0, 0 })));
        Assert.That(pictures.Summary.Broken.Select(b => Path.GetFileName(b.Path)), Is.EqualTo(new[] { "gone.png", "cut.png" }));
        Assert.That(pictures.Summary.FilesPerClass, Is.EqualTo(new[] { ("0", 2), ("1", 0) }), "labels do not depend on what is broken");
    }

    [Test]
    public void Lists_and_folders_that_are_not_there_are_refused()
    {
        using TemporaryFolder folder = Pictures("\n\n");
        Assert.That(() => Open(folder), Throws.TypeOf<ImageListException>().With.Message.Contains("found none"));
        Assert.That(() => new ImageList(folder["no.txt"], folder["pictures"], Small), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("no.txt"));
        Assert.That(() => new ImageList(folder["list.txt"], folder["no"], Small), Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains("no,"));
        Assert.That(() => Open(folder, options: Small with { Width = 0 }), Throws.InstanceOf<FormatException>().Or.InstanceOf<ArgumentException>());
        File.WriteAllText(folder["list.txt"], "a/gone.png 0");
        Assert.That(() => Open(folder, options: Skip), Throws.InstanceOf<FormatException>().With.Message.Contains("list.txt: expected pictures").And.Message.Contains("1 that cannot be read"));
    }

    [Test]
    public void Mutated_lists_are_read_or_refused_by_name()
    {
        using TemporaryFolder folder = Pictures();
        byte[] list = "/a/1.png 0\n/a/deep/er/2.png 1\n/a/1.png 7\n"u8.ToArray(), names = "a/1.png,cat\n\"b, c.png\",dog\na/1.png,cat\n"u8.ToArray();
        Fuzz.Check<FormatException>([list, names], seed: 31, file =>
        {
            File.WriteAllBytes(folder[Fuzz.Name], file);
            ImageList pictures = new(folder[Fuzz.Name], folder["pictures"], Skip with { Threads = 1 });
            Assert.That(pictures.Paths, Is.All.StartsWith(folder["pictures"] + "/"));
        }, isRefusal: e => e is DllNotFoundException);      // a name that does not end with .png, where libjpeg-turbo is not installed
    }

    [Test]
    public void Pictures_at_any_depth_belong_to_the_first_folder_where_that_is_asked_for()
    {
        using TemporaryFolder folder = Pictures();
        File.Delete(folder["pictures/b, c.png"]);
        File.Copy(folder["pictures/a/1.png"], Path.Combine(Directory.CreateDirectory(folder["pictures/b/x"]).FullName, "3.png"));
        File.WriteAllText(folder["pictures/b/x/notes.txt"], "");
        if (!OperatingSystem.IsWindows()) Directory.CreateSymbolicLink(folder["pictures/b/x/circle"], folder["pictures/b"]);
        ImageFolder flat = new(folder["pictures"], Small), nested = new(folder["pictures"], Small with { Nested = true });
        Assert.That((flat.Count, flat.Summary.Ignored), Is.EqualTo((1, new[] { "a/deep", "b/x" })));
        Assert.That(nested.Paths.Select(p => Path.GetRelativePath(folder["pictures"], p)), Is.EqualTo(new[] { "a/1.png", "a/deep/er/2.png", "b/x/3.png" }));
        Assert.That((nested.Classes, nested.Labels.ToArray()), Is.EqualTo((new[] { "a", "b" }, new[] { 0, 0, 1 })));
        Assert.That(nested.Summary.Ignored, Is.EqualTo(OperatingSystem.IsWindows() ? new[] { "b/x/notes.txt" } : ["b/x/circle", "b/x/notes.txt"]));
    }
}
