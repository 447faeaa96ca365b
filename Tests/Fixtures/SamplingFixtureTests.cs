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
}
