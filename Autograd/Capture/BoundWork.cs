using Gradwright.Kernels;

namespace Gradwright;

/// <summary>One piece of a captured step, ready to be repeated: no shapes to check, nothing to allocate, no tape.</summary>
internal abstract class BoundWork
{
    public abstract void Run();
}

internal sealed class BoundOp(Op op, Tensor[] x, Tensor?[] y, KernelModes modes) : BoundWork
{
    private readonly Accelerator _accelerator = (x.Length > 0 ? x[0] : y[0]!).Accelerator;

    public override void Run()
    {
        if (modes == KernelModes.Current)
        {
            op.Compute(_accelerator, x, y);
            return;
        }

        using (modes.Precision.Use())
        using (modes.Algorithm.Use()) op.Compute(_accelerator, x, y);
    }
}

internal sealed class BoundFill(Tensor y, double value) : BoundWork
{
    public override void Run() => y.FillInPlace(value);
}

internal sealed class BoundCall(Tensor[] operands, Action<Tensor[]> work) : BoundWork
{
    public override void Run() => work(operands);
}
