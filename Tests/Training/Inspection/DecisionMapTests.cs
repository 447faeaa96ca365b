using System.Xml.Linq;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Decision maps of linear classifiers, whose lines are known, and the pictures of their weights.</summary>
[InTensorScope]
public sealed class DecisionMapTests
{
    private static readonly float[] _points = [0, 0, 1, 0, 0, 1, 1, 1, 0.5f, 0.25f];

    [Test]
    public void The_regions_of_a_linear_classifier_end_at_its_line()
    {
        using Linear model = new(2, 2);
        model.Weight.CopyFrom([0f, 0, 4, 2]);       // class 1 where 4x + 2y > 3
        model.Bias!.CopyFrom([3f, 0]);
        Tensor x = Tensor.From(_points, [5, 2]);
        DecisionMap map = DecisionMap.Of(model, DecisionPlane.OfFeatures(x), x, [0, 1, 0, 1, 0], resolution: 41);
        Assert.That((map.X.From, map.X.To, map.Y.From, map.Y.To), Is.EqualTo((-0.06, 1.06, -0.06, 1.06)));
        for (int row = 0; row < 41; row++)
            for (int column = 0; column < 41; column++)
            {
                double at = -0.06 + (column + 0.5) / 41 * 1.12, up = 1.06 - (row + 0.5) / 41 * 1.12, margin = 4 * at + 2 * up - 3;
                if (Math.Abs(margin) > 1e-5) Assert.That(map.ClassAt(row, column), Is.EqualTo(margin > 0 ? 1 : 0), $"({at}, {up})");
                Assert.That(map.ProbabilityAt(row, column), Is.EqualTo(1 / (1 + Math.Exp(-Math.Abs(margin)))).Within(1e-5));
            }

        Picture picture = map.ToPicture();
        Assert.That(Light(picture[0, 40]), Is.LessThan(Light(picture[17, 20])), "the surer, the stronger");
        Assert.That(picture[40, 0].ToArray(), Is.Not.EqualTo(picture[0, 40].ToArray()));

        static double Light(Span<byte> pixel) => OkLab.FromRgb(pixel[0], pixel[1], pixel[2]).L;
    }

    [Test]
    public void Other_values_are_at_their_means()
    {
        using Sequential model = new(new Flatten(), new Linear(6, 2));
        ((Linear)model[1]).Weight.CopyFrom([0f, 0, 0, 0, 0, 0, 10, 0, 0, 0, 1, 0]);
        ((Linear)model[1]).Bias!.CopyFrom([4f, 0]);
        Tensor x = Tensor.From([1f, 9, 9, 0, 2, 7, 0, 9, 9, 1, 4, 7], [2, 2, 3]);      // value 4 has the mean 3: class 1 where 10·(value 0) > 1
        DecisionPlane plane = DecisionPlane.OfFeatures(x, 3, 0, yName: "first");
        Assert.That((plane.XName, plane.YName, plane.Values), Is.EqualTo(("value 3", "first", 6)));
        Assert.That(plane.Project(x), Is.EqualTo(new[] { (0.0, 1.0), (1, 0) }));
        DecisionMap map = DecisionMap.Of(model, plane, x, [1, 0], resolution: 28);
        for (int row = 0; row < 28; row++)
            Assert.That(map.ClassAt(row, 5), Is.EqualTo(1.06 - (row + 0.5) / 28 * 1.12 > 0.1 ? 1 : 0), $"row {row}");
    }

    [Test]
    public void The_plane_of_principal_components_is_that_of_the_samples()
    {
        // Samples on a plane in five dimensions: a point of the map is the input itself.
        double[] a = [0.5, 0.5, 0.5, 0.5, 0], b = [0.5, -0.5, 0.5, -0.5, 0];
        float[] values = [.. Enumerable.Range(0, 40).SelectMany(i => Enumerable.Range(0, 5).Select(j => (float)(1 + 3 * Math.Cos(i) * a[j] + Math.Sin(i) * b[j])))];
        Tensor x = Tensor.From(values, [40, 5]);
        DecisionPlane plane = DecisionPlane.OfPrincipalComponents(x);
        (double X, double Y)[] places = plane.Project(x);
        Span<float> input = stackalloc float[5];
        for (int i = 0; i < 40; i++)
        {
            plane.At(places[i].X, places[i].Y, input);
            for (int j = 0; j < 5; j++) Assert.That(input[j], Is.EqualTo(values[i * 5 + j]).Within(1e-5));
        }

        Assert.That(plane.XName, Does.StartWith("principal component 1 (9"));
    }

    [Test]
    public void The_picture_has_a_dot_for_each_sample_and_a_name_for_each_class([Values] ChartStyle style)
    {
        using Linear model = new(2, 3);
        Tensor x = Tensor.From(_points, [5, 2]);
        DecisionMap map = DecisionMap.Of(model, DecisionPlane.OfFeatures(x), x, [0, 1, 2, 1, 0], resolution: 12, title: "a < b", classes: ["one", "two"]);
        XElement svg = XElement.Parse(map.ToSvg(style));
        XName Name(string name) => svg.Name.Namespace + name;
        Assert.That(svg.Elements(Name("circle")).Count(circle => (string?)circle.Attribute("class") == "sample"), Is.EqualTo(5));
        Assert.That(svg.Elements(Name("text")).Select(text => text.Value), Is.SupersetOf(new[] { "a < b", "one", "two", "2", "value 0", "value 1", "0.6" }));
        string data = (string)svg.Element(Name("image"))!.Attribute("href")!;
        Picture inside = PngFile.Read(Convert.FromBase64String(data["data:image/png;base64,".Length..]), "image");
        Assert.That(inside.Pixels, Is.EqualTo(map.ToPicture().Pixels));
    }

    [Test]
    public void Scores_that_are_not_finite_are_gray_and_such_samples_have_no_dot()
    {
        using Linear model = new(2, 2);
        model.Weight.FillInPlace(double.NaN);
        Tensor x = Tensor.From([0f, 0, 1, 1, float.NaN, 0.5f], [3, 2]);
        DecisionMap map = DecisionMap.Of(model, DecisionPlane.OfFeatures(x), x, [0, 1, 0], resolution: 2);
        Assert.That(map.ToPicture().Pixels, Is.All.EqualTo(128));
        Assert.That(map.ToSvg().Split("class=\"sample\"").Length - 1, Is.EqualTo(2));
        Assert.That(map.ToSvg(), Does.Not.Contain("NaN"));
    }

    [Test]
    public void Labels_planes_and_models_that_do_not_fit_are_named()
    {
        using Linear model = new(2, 2), single = new(2, 1);
        Tensor x = Tensor.From(_points, [5, 2]);
        DecisionPlane plane = DecisionPlane.OfFeatures(x);
        Errors.Expect<ArgumentException>(() => DecisionMap.Of(model, plane, x, [0, 1]), "2 labels for 5 samples");
        Errors.Expect<ArgumentException>(() => DecisionMap.Of(model, plane, x, [0, 1, 2, 0, 0], 5), "label 2", "2 classes");
        Errors.Expect<ShapeException>(() => DecisionMap.Of(single, plane, x, [0, 0, 0, 0, 0], 5), "Linear(2 → 1)", "at least two classes");
        Errors.Expect<ShapeException>(() => DecisionMap.Of(model, plane, Tensor.Zeros([1, 3]), [0], 5), "inputs of 2 values", "[1, 3]");
        Errors.Expect<ArgumentOutOfRangeException>(() => DecisionMap.Of(model, plane, x, [0, 0, 0, 0, 0], 1), "resolution");
        Errors.Expect<ArgumentException>(() => DecisionPlane.OfFeatures(x, 1, 1), "two of them", "1 and 1");
        Errors.Expect<ArgumentException>(() => DecisionPlane.OfFeatures(x, 0, 2), "0 to 1", "0 and 2");
        Errors.Expect<ShapeException>(() => DecisionPlane.OfFeatures(Tensor.Zeros([4])), "[4]");
    }

    [Test]
    public void Templates_are_scaled_around_zero()
    {
        Tensor weights = Tensor.From([0f, 2, -4, 4, 0, 0, 0, 0], [2, 4]);
        IReadOnlyList<Picture> templates = ClassTemplates.Of(weights, [1, 2, 2]);
        ColourMap map = ColourMap.Diverging;
        Assert.That(Enumerable.Range(0, 4).Select(i => (templates[0].Pixels[3 * i], templates[0].Pixels[3 * i + 1], templates[0].Pixels[3 * i + 2])), Is.EqualTo(new[] { map[0.5], map[0.75], map[0], map[1] }));
        Assert.That(templates[1][1, 1].ToArray(), Is.EqualTo(new[] { map[0.5].Red, map[0.5].Green, map[0.5].Blue }), "a class without weights");
        Picture colours = ClassTemplates.Draw(Tensor.From([1f, -1, 0], [1, 3]), [3, 1, 1], scale: 2);
        Assert.That((colours.Width, colours.Height, string.Join(' ', colours[3, 3].ToArray())), Is.EqualTo((6, 6, "255 1 128")));
        Errors.Expect<ShapeException>(() => ClassTemplates.Draw(weights, [1, 2, 3]), "[2, 4]", "[1, 2, 3]");
        Errors.Expect<ShapeException>(() => ClassTemplates.Draw(weights, [2, 2, 1]), "1 or 3 channels");
    }
}
