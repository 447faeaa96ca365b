using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// A stretch of computation of which only the operands are kept; the backward pass computes it again, under a tape of its own, and differentiates that.
/// Operands: what the function takes, then the parameters that it uses.
/// </summary>
/// <param name="Function">From the operands (without the parameters) to at most <see cref="Op.MaxOutputs"/> results.</param>
/// <param name="Inputs">How many operands the function takes.</param>
/// <param name="Replay">Sets random streams and the like back to where the first run began; disposing it undoes that.</param>
internal sealed record CheckpointOp(Func<Tensor[], Tensor[]> Function, int Inputs, Func<IDisposable> Replay) : Op
{
    private readonly MixedPrecision _precision = MixedPrecisions.Current;
    private int _outputs = 1;

    public override string Name => "Checkpoint";
    public override int OutputCount => _outputs;
    protected internal override bool TakesHalf => true;
    protected internal override bool MixesWidths => true;

    public VjpRule Rule => new(Saves.Inputs, Differentiate);

    public override void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        Tensor[] operands = x[..Inputs].ToArray(), results = Function(operands);
        if (results.Length is 0 or > MaxOutputs) throw new ArgumentException($"{Name}: the function has {results.Length} results; 1 to {MaxOutputs} are possible.");
        _outputs = results.Length;
        // A result that is an operand, or appears twice, would be its own ancestor.
        for (int j = 0; j < results.Length; j++)
            y[j] = TensorScope.Keep(Array.IndexOf(operands, results[j]) >= 0 || Array.IndexOf(results, results[j]) < j ? results[j].Alias() : results[j]);
    }

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => throw OnlyThroughTape();
    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => throw OnlyThroughTape();
    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => throw OnlyThroughTape();

    private void Differentiate(VjpContext context)
    {
        if (context.CreatesGraph) throw new TapeException($"{Name}: what is computed again in the backward pass cannot be differentiated twice. Run the module without a checkpoint for second derivatives.");
        int[] needed = [.. Enumerable.Range(0, context.InputCount).Where(context.Needs)];
        Tensor[] gradients;
        using (Replay())
        using (_precision.Use())
        using (Tape tape = new())
        {
            Tensor[] operands = new Tensor[context.InputCount];
            for (int i = 0; i < operands.Length; i++)
            {
                operands[i] = i < Inputs ? context[i].Detach() : context[i];
                if (i < Inputs && context.Needs(i)) tape.Watch(operands[i]);
            }

            // A result that is an operand was not computed by any op, which the tape could start from.
            Tensor[] results = [.. Function(operands[..Inputs]).Select(y => Array.IndexOf(operands, y) >= 0 ? Tape.Apply(new Copy(), y) : y)];
            if (!Enumerable.Range(0, results.Length).Any(j => context.HasGradient(j) && tape.Takes(results[j]))) return;
            gradients = tape.Gradients(Contract(tape, results, context, out Tensor? start), [.. needed.Select(i => operands[i])], gradient: start);
            foreach (Tensor gradient in gradients) TensorScope.Keep(gradient);
        }

        for (int k = 0; k < needed.Length; k++) context.Set(needed[k], gradients[k]);
    }

    /// <summary>What to differentiate: the result, starting with its gradient, or of several ones Σ result · gradient.</summary>
    private static Tensor Contract(Tape tape, Tensor[] results, VjpContext context, out Tensor? start)
    {
        start = null;
        int[] arrived = [.. Enumerable.Range(0, results.Length).Where(j => context.HasGradient(j) && tape.Takes(results[j]))];
        if (arrived.Length == 1)
        {
            start = context.Gradient(arrived[0]);
            return results[arrived[0]];
        }

        using (MixedPrecision.Off.Use()) return arrived.Select(j => (results[j] * context.Gradient(j)).SumTo([])).Aggregate((a, b) => a + b);
    }

    private InvalidOperationException OnlyThroughTape() => new($"{Name}: runs only through the tape.");
}
