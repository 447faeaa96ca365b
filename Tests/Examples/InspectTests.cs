using System.Xml.Linq;
using Gradwright.Data;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

public sealed class InspectTests
{
    [Test]
    public void Pictures_of_everything_are_written_and_named()
    {
        using TemporaryFolder folder = new();
        (int code, string output, string error) = Program.Run("inspect", "--images", "300", "--epochs", "1", "--out", folder["run"]);
        Assert.That((code, error), Is.EqualTo((0, "")), output);
        string[] files = [.. Directory.GetFiles(folder["run"]).Select(path => Path.GetFileName(path)!).Order()];
        Assert.That(files, Is.EqualTo(new[] { "classes.png", "plane.svg", "report.html", "saliency.png", "saliency.svg", "spirals.svg", "templates.png", "units.png" }));
        foreach (string file in files)
        {
            string path = Path.Combine(folder["run"], file);
            Assert.That(output, Does.Contain(path));
            if (file.EndsWith(".png", StringComparison.Ordinal)) Assert.That(PictureFile.Read(path).Pixels.Distinct().Count(), Is.GreaterThan(20), file);
            else if (file.EndsWith(".svg", StringComparison.Ordinal)) Assert.That(XElement.Load(path).Descendants().Count(element => element.Name.LocalName == "image"), Is.Positive, file);
            else Assert.That(File.ReadAllText(path), Does.Contain("What the network looks at"));
        }
    }
}
