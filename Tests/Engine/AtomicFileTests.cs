using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Engine;

[TestFixture]
public sealed class AtomicFileTests
{
    [Test]
    public void A_file_shows_its_old_content_until_the_new_one_is_whole()
    {
        using var folder = new TemporaryFolder();
        string path = folder[Path.Combine("made on the way", "file")];
        AtomicFile.Write(path, file => file.Write("old"u8));
        AtomicFile.Write(path, file =>
        {
            file.Write("new content"u8);
            Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        });
        Assert.That(File.ReadAllText(path), Is.EqualTo("new content"));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_failing_writer_leaves_the_old_content_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "old");
        Assert.That(() => AtomicFile.Write(folder["file"], Fail), Throws.InstanceOf<InvalidOperationException>());
        Assert.That(async () => await AtomicFile.WriteAsync(folder["file"], file => Task.Run(() => Fail(file))), Throws.InstanceOf<InvalidOperationException>());
        Assert.That(File.ReadAllText(folder["file"]), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));

        static void Fail(Stream file)
        {
            file.Write("half"u8);
            throw new InvalidOperationException();
        }
    }
}
