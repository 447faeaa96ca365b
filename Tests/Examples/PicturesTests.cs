using Gradwright.Data;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

/// <summary>The example that goes from a folder of pictures to a network which names others.</summary>
public sealed class PicturesTests
{
    private static readonly string[] _classes = ["blue", "green", "red"];

    [Test]
    public void Drawn_shapes_are_learnt_and_named()
    {
        using TemporaryFolder folder = new();
        string output = Run("--out", folder.Path, "--epochs", "1", "--limit", "32", "--side", "16", "--width", "2");
        Assert.That(output, Does.Contain("1000 pictures in 5 classes; 2 left out").And.Contain("cut short.png").And.Contain("empty.png").And.Contain("triangle"));
        Assert.That(File.ReadAllText(folder["report.html"]), Does.Contain("triangle").And.Contain("What the network looks at"));
        Assert.That(Run("--out", folder.Path, "--predict", folder["drawn/ring/0003.png"]), Does.Match(@"ring.0003\.png: \w+ [0-9.]+ %, \w+ [0-9.]+ %, \w+ [0-9.]+ %"));
    }

    [Test]
    public void Colours_are_told_apart_and_a_broken_picture_among_the_new_ones_is_passed_over()
    {
        using TemporaryFolder folder = new();
        Paint(folder["data"]);
        string[] job = ["--data", folder["data"], "--out", folder["run"], "--side", "16", "--width", "4", "--epochs", "8", "--batch", "8"];
        Assert.That(Run(job), Does.Contain("Test accuracy: 100.00 %"));
        File.WriteAllText(folder["no.png"], "no picture");
        PngFile.Write(folder["new.png"], Plain(green: 220, side: 31));
        (int code, string output, _) = Program.Run("pictures", "--out", folder["run"], "--predict", folder["no.png"], folder["nowhere.png"], folder["new.png"]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output.Split('\n')[0], Does.Contain("no.png").And.Contain("expected"));
        Assert.That(output.Split('\n')[1], Does.Contain("nowhere.png"));
        Assert.That(output.Split('\n')[2], Does.StartWith($"{folder["new.png"]}: green "));
    }

    [Test]
    public void Cut_short_and_resumed_it_gives_the_same_file()
    {
        using TemporaryFolder folder = new();
        Paint(folder["data"]);
        string[] job = ["--data", folder["data"], "--side", "16", "--width", "2", "--epochs", "4", "--batch", "8", "--checkpoint-every", "1"];
        Run([.. job, "--out", folder["whole"]]);
        Run([.. job, "--out", folder["again"]]);
        string[] checkpoints = [.. Directory.GetFiles(folder["again/checkpoints"], "*.checkpoint").Order()];
        foreach (string later in checkpoints[1..]) File.Delete(later);
        File.Delete(folder["again/model.safetensors"]);
        Assert.That(Run([.. job, "--out", folder["again"], "--workers", "3", "--resume"]), Does.Contain("Resumed at step"));
        Assert.That(File.ReadAllBytes(folder["again/model.safetensors"]), Is.EqualTo(File.ReadAllBytes(folder["whole/model.safetensors"])));
    }

    [Test]
    public void What_is_missing_or_broken_is_said()
    {
        using TemporaryFolder folder = new();
        Paint(folder["data"]);
        File.WriteAllBytes(folder["data/red/broken.png"], [1, 2, 3]);
        Assert.That(Error("--data", folder["data"], "--out", folder["run"], "--strict"), Does.Contain("broken.png"));
        Assert.That(Error("--data", folder["nowhere"], "--out", folder["run"]), Does.Contain("nowhere"));
        Assert.That(Error("--data", ""), Does.Contain("--data takes the name of a folder"));
        Assert.That(Error("--out", folder["empty"], "--predict", folder["data/red/0.png"]), Does.Contain("model.safetensors").And.Contain("without --predict"));
        Safetensors.Save(folder["model.safetensors"], new Dictionary<string, Tensor>());
        Assert.That(Error("--out", folder.Path, "--predict", folder["data/red/0.png"]), Does.Contain("'classes'").And.Contain("--out"));
    }

    private static string Run(params string[] options)
    {
        (int code, string output, string error) = Program.Run(["pictures", .. options]);
        Assert.That(code, Is.Zero, error + output);
        return output;
    }

    private static string Error(params string[] options)
    {
        (int code, _, string error) = Program.Run(["pictures", .. options]);
        Assert.That(code, Is.EqualTo(1));
        return error;
    }

    // Twelve pictures of each colour, of many sizes and shades.
    private static void Paint(string folder)
    {
        for (int i = 0; i < 36; i++)
        {
            string path = Path.Combine(folder, _classes[i % 3]);
            Directory.CreateDirectory(path);
            byte bright = (byte)(180 + 2 * i);
            PngFile.Write(Path.Combine(path, $"{i / 3}.png"), Plain(i % 3 == 2 ? bright : (byte)20, i % 3 == 1 ? bright : (byte)20, i % 3 == 0 ? bright : (byte)20, side: 16 + i));
        }
    }

    private static Picture Plain(byte red = 20, byte green = 20, byte blue = 20, int side = 16)
    {
        Picture picture = new(side, side + 3, 3);
        for (int i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (i % 3) switch { 0 => red, 1 => green, _ => blue };
        return picture;
    }
}
