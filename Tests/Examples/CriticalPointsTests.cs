using NUnit.Framework;

namespace Gradwright.Tests.Examples;

public sealed class CriticalPointsTests
{
    [Test]
    public void Points_are_told_apart_and_saddles_are_left()
    {
        (int code, string output, string error) = Program.Run("critical-points");
        Assert.That((code, error), Is.EqualTo((0, "")));
        string[] blocks = output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.That(Block("bowl"), Does.Contain("curvatures 2 and 6: a minimum"));
        Assert.That(Block("hill"), Does.Contain("curvatures -2 and -1: a maximum"));
        Assert.That(Block("saddle"), Does.Contain("curvatures -2 and 2: a saddle").And.Contain("loss -0.01"));
        Assert.That(Block("two layers"), Does.Contain("curvatures -2 and 2: a saddle").And.Contain("500 steps of gradient descent").And.Match(@"from there: \((1, 1|-1, -1)\), loss 0, "));
        Assert.That(Block("Rosenbrock"), Does.Contain("at (1, 1): loss 0, gradient 0").And.Contain("a minimum"));

        string Block(string name) => blocks.Single(block => block.StartsWith(name + ":", StringComparison.Ordinal));
    }
}
