using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Normalises rows of x, each by its own statistics: y = scale (x − mean) / √(variance + ε) + shift, or y = scale x / √(mean of x² + ε). Operands: x; x and
/// scale; or x, scale and shift. Numbers are taken relative to the row's first element, so that a large offset costs no digits.
/// </summary>
/// <param name="Epsilon">ε: what keeps a constant row finite.</param>
public abstract record RowNorm(double Epsilon) : Op
{
    /// <summary>1/√(variance + ε) of each row and, if the mean is taken off, the mean less the row's first element.</summary>
    public override int KeptCount => Centers ? 2 : 1;

    protected internal override bool MixesWidths => true;

    /// <summary>The mean is taken off, and there may be a shift.</summary>
    internal abstract bool Centers { get; }

    /// <summary>Cuts x into rows, and checks that it can be cut.</summary>
    internal abstract NormRows RowsOf(Tensor x);

    /// <summary>Checks the shape of a scale or shift.</summary>
    internal abstract void CheckAffine(Tensor x, string name, Tensor affine);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (!(Epsilon >= 0)) throw new ArgumentException($"{Name}: ε is {Epsilon}, but is added to a variance and must not be negative.");
        DType dtype = Check.Floating(this, x[0]);
        Check.SameType(this, x);
        NormRows rows = RowsOf(x[0]);
        if (rows.Length == 0) throw new ShapeException($"{Name}: rows of x {x[0].Shape} have no elements, and so no statistics.");
        for (int i = 1; i < x.Length; i++) CheckAffine(x[0], i == 1 ? "scale" : "shift", x[i]);
        if (x.Length > 2) Check.SameShape(this, "scale", x[1], "shift", x[2]);
        y[0] = new(dtype, x[0].Shape);
        y[1..].Fill(new(dtype, [rows.Rows]));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y);
        else Run<double>(x, y);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RowNormKernel.Forward(gpu, this, x, y);

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed input = new(x[0]), scale = new(x[x.Length > 1 ? 1 : 0]), shift = new(x[x.Length > 2 ? 2 : 0]);
        using PackedOutput output = new(y[0]!);
        Action<T> action = new()
        {
            Rows = RowsOf(x[0]).Under(x.Length > 1 ? x[1] : null), Centers = Centers, Epsilon = Epsilon, X = (T*)input.Pointer, Y = (T*)output.Tensor.Pointer,
            Scale = x.Length > 1 ? (T*)scale.Pointer : null, Shift = x.Length > 2 ? (T*)shift.Pointer : null,
            Inverse = (T*)(y[1]?.Pointer ?? 0), Offset = (T*)(y.Length > 2 ? y[2]?.Pointer ?? 0 : 0),
        };
        SimdDispatch.Run<T, Action<T>>(ref action);
        output.Finish();
    }

    private unsafe struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public NormRows Rows;
        public bool Centers;
        public double Epsilon;
        public T* X, Scale, Shift, Y, Inverse, Offset;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => LineJob<T, V, S, Row<T, V, S>>.Run(Rows.View, new() { A = this });
    }

    private unsafe struct Row<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Action<T> A;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            T* x = A.X + offset, y = A.Y + offset;
            NormRows rows = A.Rows;
            V count = S.Constant(rows.Length), first = A.Centers ? S.Broadcast(*x) : S.Constant(0), mean = S.Constant(0);
            if (A.Centers) mean = S.Divide(LanePass<T, V, S, DeviationStep>.Run(walk, x, null, null, first), count);
            V variance = S.Divide(LanePass<T, V, S, SquaredOffsetStep>.Run(walk, x, null, null, first, mean), count);
            V inverse = VectorMath.Rsqrt<T, V, S>(S.Add(variance, S.Constant(A.Epsilon)));
            Write(walk, x, y, line % rows.AffineRows * rows.Chunks, first, mean, inverse);
            PerChannel.Store<T, V, S>(walk, A.Inverse == null ? null : A.Inverse + line, inverse);
            PerChannel.Store<T, V, S>(walk, A.Offset == null ? null : A.Offset + line, mean);
        }

        private readonly void Write(in LaneWalk walk, T* x, T* y, long affine, V first, V mean, V inverse)
        {
            NormRows rows = A.Rows;
            if (A.Scale == null)
            {
                LanePass<T, V, S, NormalizeStep>.Run(walk, x, null, y, first, inverse, S.Negate(S.Multiply(mean, inverse)));
                return;
            }

            if (rows.Inner == 1)
            {
                RowLoops<T, V, S>.Apply(x, y, A.Scale + affine, A.Shift == null ? null : A.Shift + affine, rows.Length, first, mean, inverse);
                return;
            }

            LaneWalk chunk = LaneWalk.Row(rows.Inner, S.Count);
            for (long c = 0; c < rows.Chunks; c++)
            {
                V k = S.Multiply(inverse, S.Broadcast(A.Scale[affine + c])), shift = A.Shift == null ? S.Constant(0) : S.Broadcast(A.Shift[affine + c]);
                LanePass<T, V, S, NormalizeStep>.Run(chunk, x + c * rows.Inner, null, y + c * rows.Inner, first, k, S.Subtract(shift, S.Multiply(mean, k)));
            }
        }
    }
}
