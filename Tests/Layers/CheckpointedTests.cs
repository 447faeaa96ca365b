using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

[InTensorScope]
public sealed class CheckpointedTests
{
    private const int Blocks = 12;

    [Test]
    public void A_stack_of_checkpointed_blocks_takes_less_than_half_the_memory_and_gives_the_same_bits()
    {
        (float[][] plain, long plainPeak) = Step(checkpointed: false);
        (float[][] checkpointed, long peak) = Step(checkpointed: true);
        TestContext.Out.WriteLine($"peak {plainPeak:N0} bytes, checkpointed {peak:N0}");
        Assert.That(checkpointed, Is.EqualTo(plain));
        Assert.That(peak, Is.LessThan(plainPeak / 2));
    }

    /// <summary>Parameters' gradients and batch norm's running statistics after a step, and the step's peak beyond what was there before.</summary>
    private static (float[][] Values, long Peak) Step(bool checkpointed)
    {
        static Module<Tensor, Tensor> Block() => new Sequential(new Linear(64, 256), new BatchNorm1D(256), new GELU(), new Dropout(0.3), new Linear(256, 64), new Tanh());
        using Sequential model = new(Enumerable.Range(0, Blocks).Select(_ => checkpointed ? new Checkpointed(Block()) : Block()));
        model.Initialize(new Generator(4));
        using Tensor x = Tensor.Normal([128, 64], new Generator(1));
        MemoryPool pool = Accelerator.Default.Pool;
        long before = pool.Statistics.LiveBytes;
        pool.ResetPeak();
        using (Tape tape = new()) tape.Backward(model.Forward(x).Square().Mean());
        long peak = pool.Statistics.PeakBytes - before;
        return ([.. model.Parameters().Select(p => p.Grad!.ToArray<float>()), .. model.NamedBuffers().Select(b => b.Buffer.ToArray<float>())], peak);
    }

    [Test]
    public void State_names_are_the_modules_own_also_of_layers_that_infer_their_sizes()
    {
        using Sequential plain = new(new Linear(3, 4), new BatchNorm1D(4)), inferred = new(new Linear(4), new BatchNorm1D());
        using Checkpointed checkpointed = new(inferred);
        using Tape tape = new();
        Tensor y = checkpointed.Forward(Tensor.Normal([5, 3], new Generator(1)));
        tape.Backward(y.Square().Sum());
        Assert.That(checkpointed.StateDictionary().Keys, Is.EqualTo(plain.StateDictionary().Keys));
        Assert.That(checkpointed.Parameters().Select(p => p.Grad), Has.None.Null);
    }

    [Test]
    public void A_module_of_several_operands_and_results_is_checkpointed_by_a_function()
    {
        using Linear layer = new(3, 3, dtype: DType.Float64);
        Tensor a = Tensor.Normal([2, 3], new Generator(1), dtype: DType.Float64), b = Tensor.Normal([2, 3], new Generator(2), dtype: DType.Float64);
        Tensor[] Both(Tensor[] x) => [layer.Forward(x[0]) * x[1], layer.Forward(x[1]).Tanh()];
        double[][] Gradients(Func<Tensor[], Tensor[]> run)
        {
            using Tape tape = new();
            tape.Watch(a);
            tape.Watch(b);
            Tensor[] y = run([a, b]);
            return [.. tape.Gradients((y[0] * y[1]).Sum(), [a, b, .. layer.Parameters()]).Select(g => g.ToArray<double>())];
        }

        double[][] expected = Gradients(Both), actual = Gradients(x => ActivationCheckpoint.Run(layer, Both, x));
        for (int i = 0; i < expected.Length; i++) Assert.That(actual[i], Is.EqualTo(expected[i]).Within(1e-13));
    }

    [Test]
    public void A_module_that_hands_its_operand_on_passes_the_gradient_on()
    {
        using Checkpointed model = new(new Dropout(0.5));
        model.Eval();
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From([1f, -2, 3]));
        Assert.That(tape.Gradients((model.Forward(x) * x).Sum(), [x])[0].ToArray<float>(), Is.EqualTo(new[] { 2f, -4, 6 }));
    }

    [Test]
    public void Frozen_parameters_get_no_gradient()
    {
        using Checkpointed model = new(new Sequential(new Linear(3, 3), new Tanh(), new Linear(3, 1)));
        Tensor frozen = model.Parameters()[0];
        frozen.IsFrozen = true;
        using (Tape tape = new()) tape.Backward(model.Forward(Tensor.Ones([2, 3])).Sum());
        Assert.That(model.Parameters().Select(p => p.Grad is null), Is.EqualTo(new[] { true, false, false, false }));
    }

    [Test]
    public void A_second_derivative_is_refused_with_the_reason()
    {
        using Checkpointed model = new(new Linear(3, 1));
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Ones([2, 3]));
        TapeException error = Assert.Throws<TapeException>(() => tape.Gradients(model.Forward(x).Square().Sum(), [x], createGraph: true))!;
        Assert.That(error.Message, Does.Contain("cannot be differentiated twice"));
    }

    [Test]
    public void A_parameter_that_changed_since_is_noticed()
    {
        using Linear layer = new(3, 1);
        using Checkpointed model = new(layer);
        using Tape tape = new();
        Tensor loss = model.Forward(Tensor.Ones([2, 3])).Sum();
        layer.Weight.FillInPlace(1);
        Assert.That(() => tape.Backward(loss), Throws.TypeOf<TapeException>().With.Message.Contains("has changed since the forward pass"));
    }
}
