using System.Globalization;
using System.Xml.Linq;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

public sealed class PictureSheetTests
{
    private static readonly Picture _wide = new(4, 2, 1, [0, 1, 2, 3, 4, 5, 6, 7]), _small = new(1, 1, 3, [9, 8, 7]);

    [Test]
    public void Captions_and_pictures_stand_in_rows_and_columns()
    {
        PictureSheet sheet = new PictureSheet("a <b> & c", ["left", "right"]) { Side = 80 }.Add("one\ntwo", _wide, _small).Add("three", _small);
        XElement svg = XElement.Parse(sheet.ToSvg());
        XElement[] images = [.. svg.Elements(svg.Name.Namespace + "image")];
        Assert.That(svg.Elements(svg.Name.Namespace + "text").Select(text => text.Value), Is.EqualTo(new[] { "a <b> & c", "left", "right", "one", "two", "three" }));
        Assert.That(images.Select(image => (Number(image, "width"), Number(image, "height"))), Is.EqualTo(new[] { (80.0, 40.0), (80, 80), (80, 80) }), "as large as there is room");
        Assert.That(Number(images[2], "x"), Is.EqualTo(Number(images[0], "x")));
        Assert.That(Number(images[2], "y"), Is.GreaterThanOrEqualTo(Number(images[1], "y") + 80));
        Assert.That(Number(svg, "width"), Is.GreaterThan(Number(images[1], "x") + 80));
        Assert.That(Number(svg, "height"), Is.GreaterThan(Number(images[2], "y") + 80));
        Picture back = PngFile.Read(Convert.FromBase64String(((string)images[0].Attribute("href")!)["data:image/png;base64,".Length..]), "image");
        Assert.That(back.Pixels, Is.EqualTo(_wide.Pixels));
    }

    [Test]
    public void A_sheet_is_a_file_that_appears_whole()
    {
        using TemporaryFolder folder = new();
        PictureSheet sheet = new PictureSheet("", [""]).Add("", _small);
        sheet.Save(folder["sheet.svg"]);
        Assert.That(File.ReadAllText(folder["sheet.svg"]), Is.EqualTo(sheet.ToSvg()));
        Errors.Expect<ArgumentException>(() => sheet.Add("x", _small, _small), "2 pictures", "1 columns");
        Assert.That(() => new PictureSheet("empty", []).ToSvg(), Throws.Nothing);
    }

    [Test]
    public void A_grid_takes_gray_and_coloured_pictures_of_one_size()
    {
        Picture gray = new(2, 1, 1, [1, 2]), colour = new(2, 1, 3, [3, 4, 5, 6, 7, 8]);
        Picture grid = ImageGrid.TilePictures([gray, colour], columns: 1, scale: 1, border: 0);
        Assert.That((grid.Width, grid.Height, grid.Channels), Is.EqualTo((2, 2, 3)));
        Assert.That(grid.Pixels, Is.EqualTo(new byte[] { 1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8 }));
        Assert.That(ImageGrid.TilePictures([gray], scale: 1, border: 0).Pixels, Is.EqualTo(gray.Pixels));
        Errors.Expect<ArgumentException>(() => ImageGrid.TilePictures([gray, _small]), "one size", "1 × 1 × 3", "2 × 1 × 1");
        Errors.Expect<ArgumentException>(() => ImageGrid.TilePictures([new Picture(1, 1, 4)]), "1 or 3 channels");
        Errors.Expect<ArgumentException>(() => ImageGrid.TilePictures([]), "no picture");
    }

    private static double Number(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);
}
