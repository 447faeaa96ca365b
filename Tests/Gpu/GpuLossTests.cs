using Gradwright.Checking;
using Gradwright.Layers;
using Gradwright.Tests.Fixtures;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Losses of tensors on a GPU, whatever the default accelerator is: what they make for themselves has to follow.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuLossTests(string device) : GpuFixture(device)
{
    private static IEnumerable<TestCaseData> Cases => Fixture.Load("losses").Where(f => f.Text("reduction") == "mean").Select(f => new TestCaseData(f).SetArgDisplayNames(f.Name));

    [TestCaseSource(nameof(Cases))]
    public void Losses_on_a_device_agree_with_an_independent_implementation(Fixture fixture)
    {
        using Tape tape = new();
        OrderedDictionary<string, Tensor> inputs = fixture.Tensors("inputs", DType.Float32), gradients = fixture.Tensors("gradients", DType.Float32);
        Tensor[] x = [.. inputs.Values.Select(t => t.To(Gpu))];
        string[] watched = [.. inputs.Keys.Where(gradients.ContainsKey)];
        foreach (string name in watched) tape.Watch(x[inputs.IndexOf(name)]);
        Tensor loss = LossesFixtureTests.Compute(fixture.Name[..fixture.Name.LastIndexOf(',')], fixture, x, Reduction.Mean);
        Values.AssertClose(HostValues.Of(loss), fixture.Values("outputs", "y0"), 1e-5, "loss");
        Tensor[] found = tape.Gradients(loss * fixture.Values("upstream", "y0")[0], [.. watched.Select(name => x[inputs.IndexOf(name)])]);
        foreach ((string name, Tensor gradient) in watched.Zip(found)) Values.AssertClose(HostValues.Of(gradient), HostValues.Of(gradients[name]), 1e-5, $"gradient of {name}");
    }

    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(1_000_003)]
    public void Sums_over_many_groups_are_as_accurate_as_the_processors(int n)
    {
        Tensor x = Tensor.Normal([n], new Generator(1)), t = Tensor.Uniform([n], new Generator(2));
        foreach (Func<Tensor, Tensor, Tensor> loss in (Func<Tensor, Tensor, Tensor>[])[(a, b) => Loss.MeanSquaredError(a, b), (a, b) => Loss.BinaryCrossEntropyWithLogits(a, b, reduction: Reduction.Sum)])
        {
            double expected = loss(x.Cast(DType.Float64), t.Cast(DType.Float64)).ToDouble();
            Assert.That(loss(x.To(Gpu), t.To(Gpu)).ToDouble(), Is.EqualTo(expected).Within(2e-7 * expected));
            Assert.That(loss(x, t).ToDouble(), Is.EqualTo(expected).Within(2e-7 * expected));
        }
    }
}
