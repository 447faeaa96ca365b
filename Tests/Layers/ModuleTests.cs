using NUnit.Framework;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public sealed class ModuleTests
{
    private static Sequential Network() => new(new Linear(4, 8), new ReLU(), new Linear(8, 3));

    [Test]
    public void State_names_are_paths_in_snake_case()
    {
        Nested model = new();
        Assert.That(model.StateDictionary().Keys, Is.EqualTo(new[]
        {
            "scale", "running_mean", "first_layer.weight", "first_layer.bias", "blocks.0.weight", "blocks.0.bias", "blocks.1.0.weight", "blocks.1.0.bias", "heads.left.weight", "heads.left.bias",
        }));
        Assert.That(model.NamedParameters().Select(entry => entry.Name), Does.Contain("blocks.1.0.weight").And.Contain("heads.left.bias").And.Not.Contain("running_mean"));
        Assert.That(model.NamedBuffers().Select(entry => entry.Name), Is.EqualTo(new[] { "running_mean" }));
        Assert.That(model.NamedParameters().All(entry => entry.Parameter.Name == entry.Name));
        model.Dispose();
    }

    [Test]
    public void Modules_in_nested_lists_tuples_and_grids_are_found()
    {
        using Containers model = new();
        Assert.That(model.StateDictionary().Keys, Is.EqualTo(new[]
        {
            "scales.0", "levels.0.0.weight", "levels.1.0.weight", "levels.1.1.weight", "pair.0.weight", "pair.1.weight", "pairs.0.0.weight", "pairs.0.1.weight", "grid.0.weight", "grid.1.weight",
        }));
    }

    [Test]
    public void Values_written_before_the_first_use_stay_until_Initialize()
    {
        using Linear layer = new(2, 1), other = new(2, 1);
        layer.Weight.CopyFrom([3f, 4f]);
        layer.Freeze();
        _ = other.Parameters();
        Assert.That(layer.Weight.ToArray<float>(), Is.EqualTo(new[] { 3f, 4f }));
        Assert.That(layer.Bias!.ToDouble(), Is.EqualTo(other.Bias!.ToDouble()).And.Not.Zero);
        layer.Initialize(new(0));
        Assert.That(layer.Weight.ToArray<float>(), Is.EqualTo(other.Weight.ToArray<float>()));
    }

    [Test]
    public void A_missing_input_or_module_is_named()
    {
        using Linear layer = new(2, 3);
        Assert.That(() => layer.Forward(null!), Throws.ArgumentNullException.With.Message.Contains("Linear(2 → 3): there is no input"));
        Assert.That(() => new Sequential(layer, null!), Throws.ArgumentNullException.With.Message.Contains("module 1 is null"));
    }

    [Test]
    public void Errors_name_the_outermost_module_and_sizes_that_were_inferred()
    {
        using Linear layer = new(3, 2);
        using Sequential model = new(new Linear(4));
        using Tensor x = Tensor.Ones([4, 5]), y = Tensor.Ones([4, 3]);
        Assert.That(() => layer.Forward(x), Throws.TypeOf<ShapeException>().With.Message.EndsWith("(at Linear(3 → 2))"));
        model.Build(x);
        Assert.That(() => model.Forward(y), Throws.TypeOf<ShapeException>().With.Message.EndsWith("(at Sequential/0: Linear(5 → 4))"));
    }

    [Test]
    public void Linear_maps_a_single_vector_and_refuses_a_scalar()
    {
        using Linear layer = new(3, 2), lazy = new(2);
        using TensorScope scope = new();
        Tensor x = Tensor.From(1f, 2, 3);
        Assert.That(layer.Forward(x).ToArray<float>(), Is.EqualTo(layer.Forward(x.Unsqueeze(0)).ToArray<float>()));
        Assert.That(layer.Forward(x).Shape, Is.EqualTo(Shape.Create(2)));
        foreach (Linear linear in new[] { layer, lazy })
            Assert.That(() => linear.Forward(Tensor.Scalar(1)), Throws.TypeOf<ShapeException>().With.Message.Contains("Reshape it to [1]"));
    }

    [Test]
    public void Sequential_names_its_modules_by_position()
    {
        Sequential model = Network();
        Assert.That(model.StateDictionary().Keys, Is.EqualTo(new[] { "0.weight", "0.bias", "2.weight", "2.bias" }));
        model.Dispose();
    }

    [Test]
    public void Initial_values_depend_on_seed_and_path_alone()
    {
        Sequential a = Network(), b = Network(), c = Network();
        a.Initialize(new(7));
        b.Initialize(new(7));
        c.Initialize(new(8));
        float[] first = a.StateDictionary()["0.weight"].ToArray<float>();
        Assert.That(b.StateDictionary()["0.weight"].ToArray<float>(), Is.EqualTo(first));
        Assert.That(c.StateDictionary()["0.weight"].ToArray<float>(), Is.Not.EqualTo(first));
        Assert.That(first.All(v => Math.Abs(v) <= 0.5f), "uniform in ±1/√4");
        foreach (Sequential model in new[] { a, b, c }) model.Dispose();
    }

    [Test]
    public void Forward_keeps_its_result_and_frees_the_rest()
    {
        Sequential model = Network();
        model.Initialize(new(1));
        using TensorScope scope = new();
        Tensor x = Tensor.Ones([5, 4]);
        long before = Accelerator.Default.Pool.Statistics.LiveBlocks;
        Tensor y = model.Forward(x);
        Assert.That(Accelerator.Default.Pool.Statistics.LiveBlocks, Is.EqualTo(before + 1));
        Assert.That(y.Shape, Is.EqualTo(Shape.Create(5, 3)));
        model.Dispose();
    }

    [Test]
    public void Forward_that_throws_half_way_leaks_nothing()
    {
        Sequential model = new(new Linear(4, 8), new ReLU(), new Linear(9, 3));
        model.Initialize(new(1));
        using Tensor x = Tensor.Ones([5, 4]);
        long before = Accelerator.Default.Pool.Statistics.LiveBlocks;
        using (new Tape())
        {
            ShapeException? error = Assert.Throws<ShapeException>(() => model.Forward(x));
            Assert.That(error!.Message, Does.Contain("8 ≠ 9").And.EndsWith("(at Sequential/2: Linear(9 → 3))"));
        }

        Assert.That(Accelerator.Default.Pool.Statistics.LiveBlocks, Is.EqualTo(before));
        model.Dispose();
    }

    [Test]
    public void Backward_fills_every_gradient_and_the_tape_frees_the_rest()
    {
        Sequential model = Network();
        model.Initialize(new(3));
        using Tensor x = Tensor.Ones([5, 4]);
        using Tensor y = Tensor.From(new long[] { 0, 1, 2, 1, 0 });
        long before = Accelerator.Default.Pool.Statistics.LiveBlocks;
        using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(model.Forward(x), y));
        Assert.That(Accelerator.Default.Pool.Statistics.LiveBlocks, Is.EqualTo(before + 4));
        foreach (Tensor parameter in model.Parameters()) Assert.That(parameter.Grad!.Shape, Is.EqualTo(parameter.Shape));
        model.ZeroGrad();
        Assert.That(Accelerator.Default.Pool.Statistics.LiveBlocks, Is.EqualTo(before));
        model.Dispose();
    }

    [Test]
    public void Layers_infer_their_inputs_at_the_first_forward()
    {
        Sequential model = new(new Conv2D(6, 3), new ReLU(), new Flatten(), new Linear(5));
        Assert.That(model.Parameters, Throws.InvalidOperationException.With.Message.Contain("Build"));
        using Tensor x = Tensor.Ones([2, 2, 5, 5]);
        model.Build(x);
        Assert.That(model.Parameters().Select(p => p.Shape.ToString()), Is.EqualTo(new[] { "[6, 2, 3, 3]", "[6]", "[5, 54]", "[5]" }));
        Assert.That(model[3].ToString(), Is.EqualTo("Linear(54 → 5)"));
        Assert.That(model.NamedParameters().Select(entry => entry.Name), Is.EqualTo(new[] { "0.weight", "0.bias", "3.weight", "3.bias" }));

        Sequential known = new(new Conv2D(2, 6, 3), new ReLU(), new Flatten(), new Linear(54, 5));
        known.Initialize(new(0));
        Assert.That(known.Parameters()[2].ToArray<float>(), Is.EqualTo(model.Parameters()[2].ToArray<float>()), "the same seed and path give the same values, inferred or not");
        model.Dispose();
        known.Dispose();
    }

    [Test]
    public void Unregistered_parameter_is_refused_by_the_backward_pass()
    {
        Forgetful model = new();
        using Tensor x = Tensor.Ones([2, 3]);
        using (Tape tape = new())
        {
            Tensor loss = model.Forward(x).Sum();
            Assert.That(() => tape.Backward(loss), Throws.TypeOf<TapeException>().With.Message.Contains("no module holds it").And.Message.Contains("Forgetful"));
        }

        model.FreeHidden();
    }

    [Test]
    public void Frozen_model_gets_no_gradient()
    {
        Sequential model = Network();
        model[0].Freeze();
        using Tensor x = Tensor.Ones([5, 4]);
        using (Tape tape = new()) tape.Backward(model.Forward(x).Sum());
        Assert.That(model[0].Parameters().All(p => p.Grad is null));
        Assert.That(model[2].Parameters().All(p => p.Grad is not null));
        model.ZeroGrad();
        model.Dispose();
    }

    [Test]
    public void Unfrozen_model_gets_gradients_again()
    {
        using Sequential model = Network();
        model.Freeze();
        model.Unfreeze();
        using Tensor x = Tensor.Ones([5, 4]);
        using (Tape tape = new()) tape.Backward(model.Forward(x).Sum());
        Assert.That(model.Parameters().All(p => p.Grad is not null && !p.IsFrozen));
    }

    [Test]
    public void State_is_loaded_completely_or_not_at_all()
    {
        Sequential source = Network(), target = Network();
        source.Initialize(new(1));
        target.Initialize(new(2));
        target.LoadState(source.StateDictionary());
        Assert.That(target.Parameters()[2].ToArray<float>(), Is.EqualTo(source.Parameters()[2].ToArray<float>()));

        Sequential other = new(new Linear(4, 8), new ReLU(), new Linear(8, 2));
        other.Initialize(new(3));
        float[] before = other.Parameters()[0].ToArray<float>();
        Assert.That(() => other.LoadState(source.StateDictionary()), Throws.TypeOf<ShapeException>().With.Message.Contains("'2.weight'"));
        Assert.That(other.Parameters()[0].ToArray<float>(), Is.EqualTo(before));
        Dictionary<string, Tensor> odd = new(source.StateDictionary().Where(entry => entry.Key != "0.bias")) { ["extra"] = source.Parameters()[0] };
        Assert.That(() => target.LoadState(odd), Throws.ArgumentException.With.Message.Contains("Missing: 0.bias. Unknown: extra"));
        Assert.That(() => target.LoadState(odd, strict: false), Throws.Nothing);
        foreach (Sequential model in new[] { source, target, other }) model.Dispose();
    }

    [Test]
    public void Hooks_see_input_and_output()
    {
        Sequential model = Network();
        List<string> seen = [];
        model[0].Forwarding += (module, x) => seen.Add($"in {((Tensor)x!).Shape}");
        model[0].Forwarded += (module, x, y) => seen.Add($"out {((Tensor)y!).Shape}");
        using Tensor x = Tensor.Ones([5, 4]);
        model.Forward(x).Dispose();
        Assert.That(seen, Is.EqualTo(new[] { "in [5, 4]", "out [5, 8]" }));
        model.Dispose();
    }

    [Test]
    public void Tuples_of_tensors_are_handed_out()
    {
        Pair model = new();
        using TensorScope scope = new();
        (Tensor sum, Tensor product) = model.Forward((Tensor.Ones([2]), Tensor.Ones([2])));
        Assert.That(sum.ToArray<float>().Concat(product.ToArray<float>()), Is.EqualTo(new float[] { 2, 2, 1, 1 }));
    }

    [Test]
    public void Dropout_drops_in_training_only_and_continues_from_a_saved_generator()
    {
        Sequential model = new(new Dropout(0.5));
        model.Initialize(new(5));
        using Tensor x = Tensor.Ones([1000]);
        GeneratorState before = model.NamedGenerators()[0].Generator.State;
        using TensorScope scope = new();
        float[] first = model.Forward(x).ToArray<float>(), second = model.Forward(x).ToArray<float>();
        Assert.That(first.Count(v => v == 0), Is.InRange(400, 600));
        Assert.That(first.Where(v => v != 0), Is.All.EqualTo(2f));
        Assert.That(second, Is.Not.EqualTo(first));
        model.NamedGenerators()[0].Generator.State = before;
        Assert.That(model.Forward(x).ToArray<float>(), Is.EqualTo(first));
        model.Eval();
        Assert.That(model.Forward(x), Is.SameAs(x));
    }

    [Test]
    public void Summary_counts_parameters_memory_and_operations()
    {
        Sequential model = new(new Conv2D(1, 4, 3, padding: 1), new ReLU(), new MaxPool2D(2), new Flatten(), new Linear(64, 10));
        using Tensor x = Tensor.Ones([1, 1, 8, 8]);
        ModelSummary summary = model.Summary(x);
        Assert.That(summary.Parameters, Is.EqualTo(4 * 9 + 4 + 640 + 10));
        Assert.That(summary.Layers[0].Output, Is.EqualTo("[1, 4, 8, 8]"));
        Assert.That(summary.Layers[0].Flops, Is.EqualTo(2 * 4 * 64 * 9));
        Assert.That(summary.Layers[4].Flops, Is.EqualTo(2 * 64 * 10));
        Assert.That(summary.ToString(), Does.Contain("Linear(64 → 10)").And.Contain("690"));
        model.Dispose();
    }

    [Test]
    public void Sizes_must_be_positive()
    {
        Assert.That(() => new Linear(0, 3), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("inputs"));
        Assert.That(() => new Conv2D(1, 4, 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("size"));
        Assert.That(() => new Conv2D(3, 4, 3, groups: 2), Throws.ArgumentException.With.Message.Contains("3 input channels"));
        Assert.That(() => new Dropout(1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Several_threads_may_run_one_model_in_evaluation()
    {
        Sequential model = new(new Linear(6, 32), new ReLU(), new Dropout(0.5), new Linear(32, 4));
        model.Initialize(new(1));
        model.Eval();
        using Tensor x = Tensor.Ones([3, 6]);
        float[] expected = Run();
        Parallel.For(0, 64, _ => Assert.That(Run(), Is.EqualTo(expected)));
        model.Dispose();

        float[] Run()
        {
            using TensorScope scope = new();
            return model.Forward(x).ToArray<float>();
        }
    }

    [Test]
    public void Layer_gradients_agree_with_numeric_ones()
    {
        Sequential model = new(new Conv2D(1, 2, 3, padding: 1, dtype: DType.Float64), new Gradwright.Layers.Tanh(), new MaxPool2D(2), new Flatten(), new Dropout(0.3), new Linear(8, 3, dtype: DType.Float64));
        model.Initialize(new(11));
        using Tensor x = Tensor.From(Enumerable.Range(0, 32).Select(i => Math.Sin(i * 1.7)).ToArray(), [2, 1, 4, 4]);
        GradCheck.Assert(model, x);
        model.Dispose();
    }

    private sealed class Nested : Module<Tensor, Tensor>
    {
        private readonly Tensor _scale = Tensor.Parameter([3], name: null);
        public Linear FirstLayer { get; } = new(3, 3);
        private readonly List<Module<Tensor, Tensor>> _blocks = [new Linear(3, 3), new Sequential(new Linear(3, 3))];
        private readonly Dictionary<string, Linear> _heads = new() { ["left"] = new(3, 1) };
        [field: Buffer] public Tensor RunningMean { get; } = Suspended();

        protected override Tensor ForwardCore(Tensor x) => _heads["left"].Forward(_blocks[1].Forward(_blocks[0].Forward(FirstLayer.Forward(x * _scale))));

        private static Tensor Suspended()
        {
            using (TensorScope.Suspend()) return Tensor.Zeros([3]);
        }
    }

    private sealed class Forgetful : Module<Tensor, Tensor>
    {
        private readonly Func<Tensor> _hidden;
        private readonly Action _free;

        public Forgetful()
        {
            Tensor weight = Tensor.Parameter([3]);
            _hidden = () => weight;
            _free = weight.Dispose;
        }

        public void FreeHidden() => _free();
        protected override Tensor ForwardCore(Tensor x) => x * _hidden();
    }

    private sealed class Pair : Module<(Tensor A, Tensor B), (Tensor, Tensor)>
    {
        protected override (Tensor, Tensor) ForwardCore((Tensor A, Tensor B) x) => (x.A + x.B, x.A * x.B);
    }

    private sealed class Containers : Module<Tensor, Tensor>
    {
        private readonly double[] _numbers = [1, 2];
        private readonly Tensor[] _scales = [Tensor.Parameter([5])];
        private readonly List<List<Linear>> _levels = [[One()], [One(), One()]];
        private readonly (Linear Left, Linear Right) _pair = (One(), One());
        private readonly List<(Linear Key, Linear Value)> _pairs = [(One(), One())];
        private readonly Linear[,] _grid = { { One(), One() } };

        protected override Tensor ForwardCore(Tensor x) => _pair.Left.Forward(x) * _numbers[0] + _pair.Right.Forward(x) * _scales[0];

        private static Linear One() => new(1, 1, bias: false);
    }
}
