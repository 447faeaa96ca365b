using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// yᵢ = Σ xⱼ over j ≤ i along one dimension, or over j ≥ i if reversed. Floating-point numbers are summed in double precision,
/// integers and truth values in Int64.
/// </summary>
/// <param name="Axis">The dimension, not negative.</param>
/// <param name="Reversed">From the last element to the first.</param>
public sealed record CumulativeSum(int Axis, bool Reversed) : Op
{
    public override string Name => nameof(CumulativeSum);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        x[0].Shape.Axis(Axis, Name);
        y[0] = new(ReductionRules.ResultType<Sum>(this, x[0]), x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        using Packed input = new(x[0]);
        using PackedOutput output = new(y[0]!);
        Action action = new() { View = new(x[0].Shape, Axis), Reversed = Reversed, X = input.Pointer, Y = output.Tensor.Pointer };
        ByType.Number(this, x[0].DType, ref action);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ByType.RequireNumber(this, x[0].DType);
        using Packed input = new(x[0]);
        ScanKernel.Sums(gpu, new(x[0].Shape, Axis), Reversed, input.Tensor, y[0]!);
    }

    private struct Action : INumberAction
    {
        public AxisView View;
        public bool Reversed;
        public nint X, Y;

        public readonly void Run<T>() where T : unmanaged, INumber<T>
        {
            if (typeof(T) == typeof(float)) Start<float, double, float>();
            else if (typeof(T) == typeof(double)) Start<double, double, double>();
            else Start<T, long, long>();
        }

        private readonly unsafe void Start<T, TSum, TResult>() where T : unmanaged, INumber<T> where TSum : unmanaged, INumber<TSum> where TResult : unmanaged, INumber<TResult>
        {
            Job<T, TSum, TResult> job = new() { View = View, Reversed = Reversed, X = (T*)X, Y = (TResult*)Y, Strips = (View.Inner + Strip - 1) / Strip };
            job.CellsPerTask = Math.Max(1, (16 << 10) / (View.Length * Math.Min(View.Inner, Strip)));
            WorkerPool.Shared.Run(checked((int)((View.Outer * job.Strips + job.CellsPerTask - 1) / job.CellsPerTask)), ref job);
        }
    }

    private const long Strip = 64;  // neighbouring lines that are summed together, so that memory is read in order

    private unsafe struct Job<T, TSum, TResult> : IParallelJob where T : unmanaged, INumber<T> where TSum : unmanaged, INumber<TSum> where TResult : unmanaged, INumber<TResult>
    {
        public AxisView View;
        public bool Reversed;
        public T* X;
        public TResult* Y;
        public long Strips, CellsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            TSum* sums = stackalloc TSum[(int)Strip];
            for (long cell = task * CellsPerTask, end = Math.Min(View.Outer * Strips, cell + CellsPerTask); cell < end; cell++)
            {
                long start = cell % Strips * Strip, at = cell / Strips * View.Length * View.Inner + start, step = View.Inner;
                int width = (int)Math.Min(Strip, View.Inner - start);
                if (Reversed) (at, step) = (at + (View.Length - 1) * View.Inner, -step);
                new Span<TSum>(sums, width).Clear();
                for (long i = 0; i < View.Length; i++, at += step)
                {
                    for (int j = 0; j < width; j++)
                    {
                        sums[j] += TSum.CreateTruncating(X[at + j]);
                        Y[at + j] = TResult.CreateTruncating(sums[j]);
                    }
                }
            }
        }
    }
}
