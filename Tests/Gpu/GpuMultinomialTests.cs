using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuMultinomialTests(string device) : GpuFixture(device)
{
    [TestCase(true)]
    [TestCase(false)]
    public void Every_device_draws_the_same(bool replacement)
    {
        Tensor weights = Tensor.Uniform([5, 3000], new Generator(1)).Square();
        long[] expected = weights.Multinomial(700, new Generator(2), replacement).ToArray<long>();
        Assert.That(weights.To(Gpu).Multinomial(700, new Generator(2), replacement).ToArray<long>(), Is.EqualTo(expected));
    }

    [Test]
    public void Classes_at_a_temperature_are_the_same_too()
    {
        Tensor logits = Tensor.Normal([300, 40], new Generator(3), 0, 3);
        Assert.That(logits.To(Gpu).Categorical(new Generator(4), 0.7).ToArray<long>(), Is.EqualTo(logits.Categorical(new Generator(4), 0.7).ToArray<long>()));
    }

    [Test]
    public void Bad_weights_are_found_by_the_device()
    {
        foreach (Tensor weights in (Tensor[])[Tensor.From(new[] { 1f, 2, 3, -1 }, [2, 2]), Tensor.From(new[] { 1f, 2, 0, 0 }, [2, 2]), Tensor.From(new[] { 1f, 2, float.NaN, 1 }, [2, 2])])
            Assert.That(() => weights.To(Gpu).Multinomial(2, new Generator(1)).ToArray<long>(), Throws.ArgumentException.With.Message.Contains("at [1, "));
        Assert.That(() => Tensor.From(1f, 0, 2).To(Gpu).Multinomial(3, new Generator(1), replacement: false).ToArray<long>(), Throws.ArgumentException.With.Message.Contains("3 of each row positive"));
    }
}
