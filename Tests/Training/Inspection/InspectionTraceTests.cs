using Gradwright.Layers;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Looking into a model leaves no trace in it, also where it fails, and wrong input is named.</summary>
[InTensorScope]
public sealed class InspectionTraceTests
{
    private delegate Tensor Method(Module<Tensor, Tensor> model, Tensor x);

    private static readonly Dictionary<string, Method> _methods = new()
    {
        ["gradient"] = (model, x) => Saliency.Gradient(model, x),
        ["guided"] = (model, x) => Saliency.GuidedBackpropagation(model, x),
        ["input times gradient"] = (model, x) => Saliency.InputTimesGradient(model, x),
        ["SmoothGrad"] = (model, x) => Saliency.SmoothGrad(model, x, new Generator(1), copies: 2),
        ["integrated gradients"] = (model, x) => Saliency.IntegratedGradients(model, x, steps: 2),
        ["Grad-CAM"] = (model, x) => Saliency.GradCam(model, x),
        ["occlusion"] = (model, x) => Saliency.Occlusion(model, x),
        ["class"] = (model, x) => ActivationMaximization.OfClasses(model, [1, 6, 6], [0, 2], new() { Steps = 3 }),
        ["unit"] = (model, x) => ActivationMaximization.OfUnits(model, "layers.0", [1, 6, 6], [1], new() { Steps = 3 }),
        ["decisions"] = (model, x) =>
        {
            DecisionMap.Of(model, DecisionPlane.OfFeatures(x), x, [0, 1], resolution: 3);
            return Tensor.Zeros([1]);
        },
    };

    public static IEnumerable<string> Methods => _methods.Keys;

    [TestCaseSource(nameof(Methods))]
    public void Modes_statistics_streams_gradients_and_hooks_are_what_they_were(string method)
    {
        using Model model = new();
        Tensor x = Tensor.Uniform([2, 1, 6, 6], new Generator(2));
        using (Tape tape = new()) tape.Backward(model.Forward(x).Sum());
        model.Layers[1].Eval();
        model.Layers[5].Parameters()[0].IsFrozen = true;
        string before = State(model);
        using Tape open = new();
        Tensor y = model.Layers[0].Forward(x);
        int recorded = open.Count;
        Tensor result = _methods[method](model, x);
        Assert.That(State(model), Is.EqualTo(before));
        Assert.That((open.Count, Tape.Current), Is.EqualTo((recorded, open)), "it is not recorded");
        Assert.That(open.Gradients(y.Sum(), [model.Parameters()[0]])[0].ToArray<float>(), Has.Some.Not.Zero, "what was recorded can still be differentiated");
        Assert.That(result.ToArray<float>(), Is.All.Matches<float>(float.IsFinite), "it outlives the scopes that it was made in");
    }

    [TestCaseSource(nameof(Methods))]
    public void A_model_that_fails_on_the_way_is_left_as_it_was(string method)
    {
        using Model model = new();
        Tensor x = Tensor.Uniform([2, 1, 6, 6], new Generator(2));
        model.Forward(x);
        string before = State(model);
        long blocks = CpuAccelerator.Instance.Pool.Statistics.LiveBlocks;
        foreach (int call in (int[])[1, 2])
        {
            model.FailAt = call;
            if (call == 2 && method is "decisions" or "unit") continue;         // they may run it once only
            Assert.That(() => _methods[method](model, x), Throws.TypeOf<TimeoutException>(), $"call {call}");
            Assert.That(State(model), Is.EqualTo(before));
            Assert.That(CpuAccelerator.Instance.Pool.Statistics.LiveBlocks, Is.EqualTo(blocks), "nothing is left behind");
            Assert.That(Tape.Current, Is.Null);
        }

        model.FailAt = 0;
        _methods[method](model, x);
    }

    [Test]
    public void Inputs_and_classes_that_do_not_fit_are_named()
    {
        using Model model = new();
        Tensor x = Tensor.Zeros([2, 1, 6, 6]);
        Errors.Expect<ArgumentException>(() => Saliency.Gradient(model, x, [0]), "Saliency.Gradient", "1 classes", "2 inputs of [2, 1, 6, 6]");
        Errors.Expect<ArgumentException>(() => Saliency.Gradient(model, x, [0, 3]), "no class 3", "3 classes");
        Errors.Expect<ArgumentException>(() => Saliency.Occlusion(model, x, [-1, 0]), "no class -1", "counted from 0");
        Errors.Expect<DTypeException>(() => Saliency.Gradient(model, Tensor.Arange(4).Unsqueeze(0)), "Int64", "embedding");
        Errors.Expect<ShapeException>(() => Saliency.Gradient(model, Tensor.Zeros([3])), "[3]", "batch");
        Errors.Expect<ShapeException>(() => Saliency.Gradient(model, Tensor.Zeros([0, 1, 6, 6])), "[0, 1, 6, 6]");
        Errors.Expect<ShapeException>(() => Saliency.Gradient(new Flatten(0), x), "Flatten(", "[72]", "scores [2, classes]");
        Errors.Expect<ShapeException>(() => Saliency.IntegratedGradients(model, x, baseline: Tensor.Zeros([6, 6])), "baseline", "[6, 6]");
        Errors.Expect<ArgumentOutOfRangeException>(() => Saliency.IntegratedGradients(model, x, steps: 0));
        Errors.Expect<ArgumentOutOfRangeException>(() => Saliency.SmoothGrad(model, x, new Generator(1), noise: double.NaN), "share of the range");
        Errors.Expect<ArgumentOutOfRangeException>(() => Saliency.SmoothGrad(model, x, new Generator(1), copies: 0));
        Errors.Expect<ArgumentNullException>(() => Saliency.Gradient(null!, x));
        Errors.Expect<ArgumentNullException>(() => Saliency.Gradient(model, null!));
    }

    private static string State(Model model)
    {
        IEnumerable<string> modes = model.Walk().Select(entry => $"{entry.Path} {entry.Module.IsTraining} {entry.Module.HasHooks}");
        IEnumerable<string> parameters = model.NamedParameters().Select(entry => $"{entry.Name} {entry.Parameter.IsFrozen} {Bits(entry.Parameter)} {(entry.Parameter.Grad is { } g ? Bits(g) : "none")}");
        IEnumerable<string> rest = model.NamedBuffers().Select(entry => $"{entry.Name} {string.Join(' ', HostValues.Of(entry.Buffer))}").Concat(model.NamedGenerators().Select(entry => $"{entry.Name} {entry.Generator.State}"));
        return string.Join('\n', [.. modes, .. parameters, .. rest]);
    }

    private static string Bits(Tensor x) => string.Join(' ', x.ToArray<float>().Select(BitConverter.SingleToUInt32Bits));

    /// <summary>Batch norm, dropout, and a layer that fails when it is told to.</summary>
    private sealed class Model : Module<Tensor, Tensor>
    {
        private int _calls;

        public Model() => Layers = new(new Conv2D(1, 4, 3), new BatchNorm2D(4), new ReLU(), new Flatten(), new Dropout(0.5), new Linear(64, 3));

        public Sequential Layers { get; }

        public int FailAt
        {
            get;
            set => (field, _calls) = (value, 0);
        }

        protected override Tensor ForwardCore(Tensor x)
        {
            Tensor y = Layers.Forward(x);
            return ++_calls == FailAt ? throw new TimeoutException("it fails as it was told to") : y;
        }
    }
}
