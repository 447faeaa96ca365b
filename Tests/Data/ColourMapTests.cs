using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Colours for numbers, and pictures of numbers.</summary>
public sealed class ColourMapTests
{
    private static readonly ColourMap[] _maps = [ColourMap.Gray, ColourMap.Ember, ColourMap.Diverging];

    private static OkLab At(ColourMap map, double t) => map[t] is var (red, green, blue) ? OkLab.FromRgb(red, green, blue) : default;

    [Test]
    public void Equal_steps_look_equally_large([Values] bool diverging)
    {
        ColourMap map = diverging ? ColourMap.Diverging : ColourMap.Ember;
        double[] steps = [.. Enumerable.Range(0, 32).Select(i => OkLab.Distance(At(map, i / 32.0), At(map, (i + 1) / 32.0)))];
        foreach (double[] half in (double[][])[steps[..16], steps[16..]]) Assert.That(half.Max() / half.Min(), Is.LessThan(1.2));
        if (!diverging) Assert.That(steps.Max() / steps.Min(), Is.LessThan(1.2));
    }

    [Test]
    public void Lightness_rises_from_nearly_black_to_nearly_white([Values] bool gray)
    {
        ColourMap map = gray ? ColourMap.Gray : ColourMap.Ember;
        double[] lightness = [.. Enumerable.Range(0, 65).Select(i => At(map, i / 64.0).L)];
        Assert.That(lightness, Is.Ordered.And.Unique);
        Assert.That((lightness[0] < 0.2, lightness[^1] > 0.9), Is.EqualTo((true, true)));
        if (gray) Assert.That((map[0.4], map[1]), Is.EqualTo((((byte)102, (byte)102, (byte)102), ((byte)255, (byte)255, (byte)255))), "the grays of the screen itself");
    }

    [Test]
    public void A_diverging_map_is_lightest_at_zero_and_equally_dark_at_its_ends()
    {
        for (int i = 0; i <= 16; i++) Assert.That(At(ColourMap.Diverging, i / 32.0).L, Is.EqualTo(At(ColourMap.Diverging, 1 - i / 32.0).L).Within(0.02));
        (byte red, byte green, byte blue) = ColourMap.Diverging[0.5];
        Assert.That((red == green && green == blue, red > 240), Is.EqualTo((true, true)));
        Assert.That(At(ColourMap.Diverging, 0).B, Is.Negative, "blue");
        Assert.That(At(ColourMap.Diverging, 1).A, Is.Positive, "red");
    }

    [Test]
    public void Numbers_outside_get_the_ends_and_NaN_middle_gray()
    {
        foreach (ColourMap map in _maps)
            Assert.That((map[-3], map[double.NegativeInfinity], map[7], map[double.NaN]), Is.EqualTo((map[0], map[0], map[1], ((byte)128, (byte)128, (byte)128))));
        Picture legend = ColourMap.Ember.ToPicture(5, 2);
        (byte red, byte green, byte blue) = ColourMap.Ember[0.75];
        Assert.That((legend.Width, legend.Height, string.Join(' ', legend[3, 1].ToArray())), Is.EqualTo((5, 2, $"{red} {green} {blue}")));
    }

    [Test]
    public void Oklab_and_screens_agree_there_and_back()
    {
        foreach ((byte Red, byte Green, byte Blue) colour in ((byte, byte, byte)[])[(0, 0, 0), (255, 255, 255), (255, 0, 0), (12, 200, 77), (1, 2, 3), (0, 0, 255)])
            Assert.That(OkLab.FromRgb(colour.Red, colour.Green, colour.Blue).ToRgb(), Is.EqualTo(colour));
        OkLab white = OkLab.FromRgb(255, 255, 255), red = OkLab.FromRgb(255, 0, 0);
        Assert.That((white.L, red.L, red.A, red.B), Is.EqualTo((1.0, 0.6280, 0.2249, 0.1258)).Using<(double, double, double, double)>(Near), "as published");
        OkLab shown = OkLab.Of(0.9, 1, 265);
        Assert.That(Math.Sqrt(shown.A * shown.A + shown.B * shown.B), Is.InRange(0.02, 0.1), "light blues are pale on a screen");

        static bool Near((double, double, double, double) a, (double, double, double, double) b)
            => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) + Math.Abs(a.Item4 - b.Item4) < 1e-3;
    }

    [Test]
    public void A_heat_map_reaches_from_the_least_to_the_greatest_number()
    {
        ColourMap map = ColourMap.Ember;
        Assert.That(Colours(HeatMap.Draw([2, 3, 4, 6, float.NaN, float.PositiveInfinity], 2, 3)), Is.EqualTo(new[] { map[0], map[0.25], map[0.5], map[1], map[double.NaN], map[1] }));
        Assert.That(Colours(HeatMap.Draw([0, 1, 2, 3, 4, 100], 1, 6, saturated: 0.2)), Is.EqualTo(new[] { map[0], map[0.25], map[0.5], map[0.75], map[1], map[1] }), "one pixel does not leave the others dark");
        Assert.That(Colours(HeatMap.Draw([5, 5], 2, 1)), Has.All.EqualTo(map[0]));
        Assert.That(Colours(HeatMap.Draw([float.NaN, float.NegativeInfinity], 2, 1)), Is.EqualTo(new[] { map[double.NaN], map[0] }));
    }

    [Test]
    public void Around_zero_the_greatest_magnitude_counts()
    {
        ColourMap map = ColourMap.Diverging;
        Assert.That(Colours(HeatMap.Draw([-1, 0, 4, 2], 2, 2, map)), Is.EqualTo(new[] { map[0.375], map[0.5], map[1], map[0.75] }));
        Assert.That(Colours(HeatMap.Draw([0, 0], 2, 1, map)), Has.All.EqualTo(map[0.5]));
    }

    [Test]
    public void An_overlay_shows_the_picture_where_nothing_matters()
    {
        Picture gray = new(2, 1, 1, [100, 200]), colour = new(2, 1, 3, [255, 0, 0, 10, 10, 10]);
        (byte red, byte green, byte blue) = ColourMap.Ember[1];
        Assert.That(HeatMap.Overlay(gray, [0, 1], opacity: 1).Pixels, Is.EqualTo(new byte[] { 100, 100, 100, red, green, blue }));
        Assert.That(HeatMap.Overlay(colour, [0, 1], opacity: 0).Pixels, Is.EqualTo(new byte[] { 76, 76, 76, 10, 10, 10 }));
        Assert.That(HeatMap.Overlay(gray, [float.NaN, 1], opacity: 0.5).Pixels[..3], Is.EqualTo(new byte[] { 100, 100, 100 }));
        Errors.Expect<ArgumentException>(() => HeatMap.Overlay(gray, [1]), "1 × 2", "1 were given");
        Errors.Expect<ArgumentOutOfRangeException>(() => HeatMap.Overlay(gray, [0, 1], opacity: 2), "opacity");
    }

    [Test]
    public void Maps_are_tensors_of_one_picture()
    {
        using TensorScope scope = new();
        Assert.That(HeatMap.Draw(Tensor.From([0.0, 1, 2], [1, 3])).Pixels, Is.EqualTo(HeatMap.Draw([0, 1, 2], 1, 3).Pixels));
        Errors.Expect<ArgumentException>(() => HeatMap.Draw(Tensor.Zeros([1, 2, 3])), "[1, 2, 3]", "maps[0]");
        Errors.Expect<ArgumentOutOfRangeException>(() => HeatMap.Draw(Tensor.Zeros([2, 3]), saturated: 1), "saturated");
    }

    private static (byte, byte, byte)[] Colours(Picture picture) => [.. picture.Pixels.Chunk(3).Select(pixel => (pixel[0], pixel[1], pixel[2]))];
}
