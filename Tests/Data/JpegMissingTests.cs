using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Machines without libjpeg-turbo, as a child process that is told to look for it elsewhere.</summary>
[TestFixture]
public sealed class JpegMissingTests
{
    private const string Nowhere = "/nowhere/libturbojpeg.so";

    [Test]
    public void Without_the_library_the_message_says_what_to_install_and_png_is_read()
    {
        if (Environment.GetEnvironmentVariable(TurboJpeg.Variable) == Nowhere) Assert.Ignore("this is such a child process");
        ChildRun.Expect("FullyQualifiedName~JpegMissingTests.What_holds", (TurboJpeg.Variable, Nowhere));
    }

    [Test]
    public void What_holds_without_the_library()
    {
        if (Environment.GetEnvironmentVariable(TurboJpeg.Variable) != Nowhere) Assert.Ignore("runs in the child process of the other test");
        Assert.That(JpegFile.IsAvailable, Is.False);
        Assert.That(() => PictureFile.Read(JpegSamples.Gray, "photo.jpg"), Throws.TypeOf<DllNotFoundException>().With.Message.Contains("apt install libturbojpeg0").And.Message.Contains("PNG"));
        using var folder = new TemporaryFolder();
        PngFile.Write(folder["a/1.png"], new Picture(2, 2, 3));
        ImageFolderOptions options = new() { Width = 2, Height = 2, Fit = PictureFit.Exact, OnBroken = OnBrokenFile.Skip };
        Assert.That(new ImageFolder(folder.Path, options).Count, Is.EqualTo(1));
        File.WriteAllBytes(folder["a/2.jpg"], JpegSamples.Gray);
        Assert.That(() => new ImageFolder(folder.Path, options), Throws.TypeOf<DllNotFoundException>(), "a missing library is no broken file");
    }
}
