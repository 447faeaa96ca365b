using Gradwright.Layers;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>What a network looks at, seen on a GPU and on the processor.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuInspectionTests(string device) : GpuFixture(device)
{
    private delegate Tensor Method(Module<Tensor, Tensor> model, Tensor x);

    private static readonly Dictionary<string, Method> _methods = new()
    {
        ["gradient"] = (model, x) => Saliency.Gradient(model, x),
        ["guided"] = (model, x) => Saliency.GuidedBackpropagation(model, x, [0, 2]),
        ["SmoothGrad"] = (model, x) => Saliency.SmoothGrad(model, x, new Generator(1), copies: 2),
        ["integrated gradients"] = (model, x) => Saliency.IntegratedGradients(model, x, steps: 2),
        ["Grad-CAM"] = (model, x) => Saliency.GradCam(model, x),
        ["occlusion"] = (model, x) => Saliency.Occlusion(model, x, window: 4),
        ["class"] = (model, _) => ActivationMaximization.OfClasses(model, [1, 8, 8], [0, 2], new() { Steps = 4 }),
        ["unit"] = (model, _) => ActivationMaximization.OfUnits(model, "1", [1, 8, 8], [1], new() { Steps = 2 }),
        ["decisions"] = (model, x) =>
        {
            DecisionMap map = DecisionMap.Of(model, DecisionPlane.OfFeatures(x), x, [0, 1], resolution: 3);
            return Tensor.From(Enumerable.Range(0, 9).Select(i => map.ProbabilityAt(i / 3, i % 3)).ToArray());
        },
    };

    [Test]
    public void Every_method_gives_on_the_device_what_it_gives_on_the_processor()
    {
        using Sequential model = new(new Conv2D(1, 3, 3), new ReLU(), new MaxPool2D(2), new Flatten(), new Linear(27, 3));
        model.Initialize(new Generator(4));
        Tensor x = Tensor.Normal([2, 1, 8, 8], new Generator(5));
        Dictionary<string, double[]> expected = _methods.ToDictionary(entry => entry.Key, entry => HostValues.Of(entry.Value(model, x)));
        model.To(Gpu);
        foreach ((string name, Method method) in _methods) Values.AssertClose(HostValues.Of(method(model, x.To(Gpu))), expected[name], 1e-3, name);
        Assert.That(Saliency.Gradient(model, x.To(Gpu)).Accelerator, Is.SameAs(Gpu));
    }
}
