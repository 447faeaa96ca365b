using NUnit.Framework;

namespace Gradwright.Tests.Examples;

public sealed class DoctorCommandTests
{
    [TestCase("none", "nothing wrong was found")]
    [TestCase("rate-too-high", "Rate too high (Adam, rate 0.2)")]
    [TestCase("rate-too-low", "Rate too low (Adam, rate 2E-06)")]
    [TestCase("zero-initialisation", "Zero initialisation (0.weight")]
    [TestCase("shuffled-labels", "Labels unlearnable")]
    [TestCase("softmax-twice", "Softmax twice")]
    [TestCase("dead-layer", "Dead layer (9: ReLU())")]
    [TestCase("wrong-gradient", "Wrong gradient (3: CarelessTanh())")]
    [TestCase("raw-pixels", "Input not normalised")]
    public void Planted_faults_are_named(string fault, string expected)
    {
        (int code, string output, string error) = Program.Run("doctor", "--fault", fault);
        Assert.That((code, error), Is.EqualTo((fault == "none" ? 0 : 1, "")), output);
        Assert.That(output, Does.Contain(expected));
        Assert.That(output.Split('\n').Count(line => line.StartsWith("FAULT", StringComparison.Ordinal)), Is.LessThanOrEqualTo(1), output);
    }
}
