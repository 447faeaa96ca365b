using Gradwright.Kernels;

namespace Gradwright;

/// <summary>One piece of a captured step, ready to be repeated: no shapes to check, nothing to allocate, no tape.</summary>
internal abstract class BoundWork
{
    public abstract void Run();
}

internal sealed class BoundOp(Op op, Tensor[] x, Tensor?[] y, MatMulPrecision precision) : BoundWork
{
    private readonly Accelerator _accelerator = (x.Length > 0 ? x[0] : y[0]!).Accelerator;

    public override void Run()
    {
        if (precision == MatMulPrecisions.Current)
        {
            op.Compute(_accelerator, x, y);
            return;
        }

        using (precision.Use()) op.Compute(_accelerator, x, y);
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
