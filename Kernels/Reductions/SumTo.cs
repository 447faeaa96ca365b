namespace Gradwright.Kernels;

/// <summary>Undoes broadcasting: sums the dimensions that <paramref name="Shape"/> lacks or has with length 1.</summary>
public sealed record SumTo(Shape Shape) : Op
{
    public override string Name => nameof(SumTo);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        if (Shape.Broadcast(Shape, x[0].Shape, Name) != x[0].Shape)
            throw new ShapeException($"SumTo: {x[0].Shape} cannot be summed to {Shape}: aligned at the last dimension, each length must be equal or 1.");
        y[0] = new(x[0].DType, Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        // y += x with y's broadcast dimensions repeated: correct for any layout, row after row.
        y[0]!.FillInPlace(0);
        Layout target = y[0]!.Layout.Expand(x[0].Shape);
        SumAction action = new() { X = x[0], Y = y[0]!, Target = target };
        ByType.Floating(this, x[0].DType, ref action);
    }

    private unsafe struct SumAction : IFloatingAction
    {
        public Tensor X, Y;
        public Layout Target;

        public readonly void Run<T>() where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
            => Walk((T*)X.Pointer, (T*)Y.Pointer, X.Shape.Span, X.Layout.Strides, Target.Strides);

        private static void Walk<T>(T* x, T* y, ReadOnlySpan<long> lengths, ReadOnlySpan<long> sx, ReadOnlySpan<long> sy) where T : unmanaged, System.Numerics.INumber<T>
        {
            if (lengths.Length == 0)
            {
                *y += *x;
                return;
            }

            if (lengths.Length == 1)
            {
                for (long i = 0; i < lengths[0]; i++) y[i * sy[0]] += x[i * sx[0]];
                return;
            }

            for (long i = 0; i < lengths[0]; i++) Walk(x + i * sx[0], y + i * sy[0], lengths[1..], sx[1..], sy[1..]);
        }
    }
}
