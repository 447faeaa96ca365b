using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class SamplingFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "Resize"])]
    public void Resizing_agrees_with_an_independent_implementation(Fixture fixture)
    {
        long[] size = [.. fixture.Integers("size").Select(n => (long)n)];
        Interpolation mode = fixture.Text("mode") == "nearest" ? Interpolation.Nearest : Interpolation.Linear;
        fixture.Check(x => [x[0].Resize(size, mode, fixture.Flag("corners"))]);
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "Unfold"])]
    public void Columns_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(x => [x[0].Unfold(Two(fixture, "size"), Two(fixture, "stride"), Two(fixture, "padding"), Two(fixture, "dilation"))]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "Fold"])]
    public void Folded_columns_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(x => [x[0].Fold(Two(fixture, "output"), Two(fixture, "size"), Two(fixture, "stride"), Two(fixture, "padding"), Two(fixture, "dilation"))]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "AffineGrid"])]
    public void Affine_grids_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(x => [x[0].AffineGrid(Two(fixture, "size"), fixture.Flag("corners"))]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "GridSample"])]
    public void Sampled_grids_agree_with_an_independent_implementation(Fixture fixture)
    {
        Interpolation mode = fixture.Text("mode") == "nearest" ? Interpolation.Nearest : Interpolation.Linear;
        GridBorder border = fixture.Text("border") switch { "zeros" => GridBorder.Zeros, "border" => GridBorder.Replicate, _ => GridBorder.Reflect };
        fixture.Check(x => [x[0].GridSample(x[1], mode, border, fixture.Flag("corners"))]);
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "RoiAlign"])]
    public void Aligned_regions_agree_with_formulas_written_out(Fixture fixture)
        => fixture.Check(x => [x[0].RoiAlign(x[1].Detach(), Two(fixture, "size"), fixture.Number("scale"), fixture.Integer("samples"), fixture.Flag("aligned"))]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "RoiPool"])]
    public void Pooled_regions_agree_with_formulas_written_out(Fixture fixture)
        => fixture.Check(x => [x[0].RoiPool(x[1].Detach(), Two(fixture, "size"), fixture.Number("scale"))]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "Suppression"])]
    public void Suppression_agrees_with_the_procedure_written_out(Fixture fixture)
    {
        fixture.Check(x => [x[0].NonMaximumSuppression(x[1], fixture.Number("threshold"), x[2])]);
        if (!fixture.Name.EndsWith("classes", StringComparison.Ordinal)) fixture.Check(x => [x[0].NonMaximumSuppression(x[1], fixture.Number("threshold"))]);
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["sampling", "Overlaps"])]
    public void Overlaps_agree_with_formulas_written_out(Fixture fixture) => fixture.Check(x => [x[0].BoxOverlaps(x[1])]);

    private static Size2 Two(Fixture fixture, string attribute) => (fixture.Integers(attribute)[0], fixture.Integers(attribute)[1]);
}
