using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// One primitive: a shape rule and a computation. Immutable for its users; attributes are record properties. An op knows neither tapes nor
/// derivatives. Name, version and attributes are stable: captured steps and exports refer to them.
/// </summary>
public abstract partial record Op
{
    internal const int MaxOutputs = 8;

    /// <summary>The stable name: <c>MatMul</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Goes up when the meaning of the attributes changes.</summary>
    public virtual int Version => 1;

    /// <summary>How many tensors the caller gets.</summary>
    public virtual int OutputCount => 1;

    /// <summary>How many more are made for the backward pass only: a mask, statistics, arg-max. They follow the outputs.</summary>
    public virtual int KeptCount => 0;

    /// <summary>True when the computation writes to outputs of any strides, also over its own operands (elementwise ops do).</summary>
    protected internal virtual bool WritesAnywhere => false;

    /// <summary>True for an op that takes and gives 16-bit floating-point numbers as they are, because it only moves elements; all others compute in Float32.</summary>
    protected internal virtual bool TakesHalf => false;

    /// <summary>True for an op whose 16-bit operands may come with Float32 ones: a norm's statistics and scale.</summary>
    protected internal virtual bool MixesWidths => false;

    /// <summary>What mixed precision makes of the operands.</summary>
    protected internal virtual PrecisionRole Precision => PrecisionRole.Any;

    /// <summary>Floating-point operations of one call, an addition and a multiplication counting one each; 0 for ops that only move data.</summary>
    public virtual double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 0;

    /// <summary>
    /// The shape rule: checks the operands and says what the outputs (and kept outputs) look like. Throws before anything is allocated.
    /// </summary>
    /// <param name="x">The operands.</param>
    /// <param name="y">One entry per output and kept output.</param>
    protected internal abstract void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y);

    /// <summary>Fills the outputs; a kept output that nobody needs is null.</summary>
    protected abstract void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y);

    /// <summary>Hands the kernels that fill the outputs to the accelerator's current stream; a kept output that nobody needs is null.</summary>
    private protected abstract void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y);

    /// <summary>Allocates what <see cref="RunCpu"/> needs for a while beside the outputs, and computes nothing: how <see cref="DryAccelerator"/> learns of it.</summary>
    private protected virtual void RunDry(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) { }

    private void Run(Accelerator accelerator, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (OpListener.Current is not { } listener)
        {
            Compute(accelerator, x, y);
            return;
        }

        using (StepListener.Pause()) Compute(accelerator, x, y);
        listener.Executed(this, x, y);
    }

    /// <summary>Fills outputs that exist, without looking at shapes again: <see cref="Execute(ReadOnlySpan{Tensor}, Span{Tensor?}, bool)"/> has done that once for tensors like these.</summary>
    internal void Compute(Accelerator accelerator, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (accelerator is GpuAccelerator gpu) RunGpu(gpu, x, y);
        else if (accelerator is DryAccelerator) RunDry(x, y);
        else RunCpu(x, y);
    }

    /// <summary>Allocates the outputs and computes them.</summary>
    /// <param name="x">The operands, all on one accelerator.</param>
    /// <param name="y">Receives the outputs and, if <paramref name="keep"/>, the kept ones.</param>
    /// <param name="keep">Whether the kept outputs are wanted.</param>
    public virtual void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        int total = OutputCount + KeptCount, wanted = keep ? total : OutputCount;
        TensorSpecs buffer = default;
        Span<TensorSpec> specs = ((Span<TensorSpec>)buffer)[..total];
        Accelerator accelerator = CommonAccelerator(x);
        if (!TakesHalf && HalfType(x) is { } half)
        {
            ExecuteWidened(half, x, y, keep);
            return;
        }

        Infer(x, specs);
        for (int i = 0; i < wanted; i++) y[i] = Tensor.Empty(specs[i].Layout, specs[i].DType, accelerator);
        try
        {
            Run(accelerator, x, y[..total]);
        }
        catch
        {
            foreach (Tensor? tensor in y[..wanted]) tensor?.Dispose();
            throw;
        }

        foreach (Tensor tensor in x) GC.KeepAlive(tensor);
    }

    /// <summary>Computes into an existing tensor of the right shape and type. Nothing is recorded.</summary>
    /// <exception cref="ShapeException"><paramref name="destination"/> is not what the op makes.</exception>
    public void ExecuteInto(Tensor destination, params ReadOnlySpan<Tensor> x)
    {
        ArgumentNullException.ThrowIfNull(destination);
        TensorSpecs buffer = default;
        Span<TensorSpec> specs = ((Span<TensorSpec>)buffer)[..(OutputCount + KeptCount)];
        Accelerator accelerator = destination.Accelerator is DryAccelerator dry ? dry : CommonAccelerator(x);
        if (!TakesHalf && HalfType(x) is not null)
        {
            using Tensor result = Execute(x);
            new Copy().ExecuteInto(destination, result);
            return;
        }

        Infer(x, specs);
        if (OutputCount != 1) throw new ArgumentException($"{Name}: computes {OutputCount} outputs; only an op with one can write into a given tensor.");
        if (destination.Shape != specs[0].Layout.Shape || destination.DType != specs[0].DType || destination.Accelerator != accelerator)
            throw new ShapeException($"{Name}: makes {specs[0].Layout.Shape} {specs[0].DType} on {accelerator}, which does not fit into {destination.Describe()} on {destination.Accelerator}.");
        if (!WritesAnywhere && (!destination.Layout.IsContiguous || SharesMemory(destination, x)))
        {
            using Tensor result = Execute(x);
            new Copy().ExecuteInto(destination, result);
            return;
        }

        Outputs outputs = default;
        outputs[0] = destination;
        Run(accelerator, x, ((ReadOnlySpan<Tensor?>)outputs)[..specs.Length]);
        destination.Buffer.BumpVersion();
        foreach (Tensor tensor in x) GC.KeepAlive(tensor);
    }

    /// <summary>Computes the only output. Nothing is recorded.</summary>
    public Tensor Execute(params ReadOnlySpan<Tensor> x)
    {
        Outputs outputs = default;
        Execute(x, outputs, keep: false);
        return outputs[0]!;
    }

    private static bool SharesMemory(Tensor destination, ReadOnlySpan<Tensor> x)
    {
        foreach (Tensor tensor in x)
            if (tensor.Buffer == destination.Buffer) return true;
        return false;
    }

    private Accelerator CommonAccelerator(ReadOnlySpan<Tensor> x)
    {
        Accelerator accelerator = x.Length == 0 ? Accelerator.Default : x[0].Accelerator;
        for (int i = 1; i < x.Length; i++)
        {
            if (x[i].Accelerator == accelerator) continue;
            if (accelerator is DryAccelerator) return accelerator;
            if (x[i].Accelerator is DryAccelerator dry) return dry;
            throw new AcceleratorException($"{Name}: operand 0 {x[0].Describe()} lives on {accelerator.Name}, operand {i} {x[i].Describe()} on {x[i].Accelerator.Name}. Move one to the other first.");
        }

        return accelerator;
    }

    [InlineArray(MaxOutputs)]
    internal struct Outputs
    {
        private Tensor? _first;
    }

    [InlineArray(MaxOutputs)]
    private struct TensorSpecs
    {
        private TensorSpec _first;
    }
}
