using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// yᵢ = Π xⱼ over j ≤ i along one dimension, or over j ≥ i if reversed. Floating-point numbers are multiplied in double precision,
/// integers and truth values in Int64.
/// </summary>
/// <param name="Axis">The dimension, not negative.</param>
/// <param name="Reversed">From the last element to the first.</param>
public sealed record CumulativeProduct(int Axis, bool Reversed) : Op
{
    public override string Name => nameof(CumulativeProduct);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        x[0].Shape.Axis(Axis, Name);
        y[0] = new(ReductionRules.ResultType<Prod>(this, x[0]), x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        using Packed input = new(x[0]);
        using PackedOutput output = new(y[0]!);
        RunningTotals<RunningProduct> totals = new() { View = new(x[0].Shape, Axis), Reversed = Reversed, X = input.Pointer, Y = output.Tensor.Pointer };
        ByType.Number(this, x[0].DType, ref totals);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ByType.RequireNumber(this, x[0].DType);
        using Packed input = new(x[0]);
        ScanKernel.Totals(gpu, ScanKind.RunningProduct, new(x[0].Shape, Axis), Reversed, input.Tensor, y[0]!);
    }
}

/// <summary>
/// The backward pass of <see cref="CumulativeProduct"/>: dxₖ = Lₖ Rₖ with Lₖ = Π xⱼ over j &lt; k and Rₖ = gₖ + xₖ₊₁ Rₖ₊₁. Nothing is divided, so zeros do no harm.
/// Operands: g, x.
/// </summary>
/// <param name="Axis">The dimension, not negative.</param>
/// <param name="Reversed">Whether the products run from the last element to the first.</param>
public sealed record CumulativeProductGradient(int Axis, bool Reversed) : Op
{
    private const long Strip = 64;      // neighbouring lines that are walked together, so that memory is read in order

    public override string Name => nameof(CumulativeProductGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        Check.SameShape(this, "g", x[0], "x", x[1]);
        x[0].Shape.Axis(Axis, Name);
        y[0] = new(Check.SameType(this, x), x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        if (x[0].DType == DType.Float32) Run<float>(x, y[0]!);
        else Run<double>(x, y[0]!);
    }

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, Tensor y) where T : unmanaged, INumber<T>
    {
        using Packed g = new(x[0]), factors = new(x[1]);
        using PackedOutput output = new(y);
        AxisView view = new(y.Shape, Axis);
        Job<T> job = new() { View = view, Reversed = Reversed, G = (T*)g.Pointer, X = (T*)factors.Pointer, Y = (T*)output.Tensor.Pointer, Strips = (view.Inner + Strip - 1) / Strip };
        job.CellsPerTask = Math.Max(1, (16 << 10) / (view.Length * Math.Min(view.Inner, Strip)));
        WorkerPool.Shared.Run(checked((int)((view.Outer * job.Strips + job.CellsPerTask - 1) / job.CellsPerTask)), ref job);
        output.Finish();
    }

    private static readonly KernelTable<(DType Type, DType Total, int Group)> _gpu = new(key => new(GpuSource.File("cumulative_product_gradient.cu"), "cumulative_product_gradient",
        key.Group, ("REAL", GpuTypes.Number(key.Type)), ("TOTAL", GpuTypes.Number(key.Total))));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        using Packed g = new(x[0]), factors = new(x[1]);
        AxisView view = new(x[0].Shape, Axis);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(g.Tensor);
        arguments.In(factors.Tensor);
        arguments.Value(view.Outer * view.Inner);
        arguments.Value(view.Length);
        arguments.Value(view.Inner);
        arguments.Value(Reversed ? 1 : 0);
        gpu.Launch(_gpu[(x[0].DType, gpu.Traits.HasDouble ? DType.Float64 : x[0].DType, group)], LaunchSize.Covering(view.Outer * view.Inner, group), ref arguments);
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, INumber<T>
    {
        public AxisView View;
        public bool Reversed;
        public T* G, X, Y;
        public long Strips, CellsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            double* totals = stackalloc double[(int)Strip];
            for (long cell = task * CellsPerTask, end = Math.Min(View.Outer * Strips, cell + CellsPerTask); cell < end; cell++)
            {
                long start = cell % Strips * Strip, at = cell / Strips * View.Length * View.Inner + start, step = View.Inner;
                int width = (int)Math.Min(Strip, View.Inner - start);
                if (Reversed) (at, step) = (at + (View.Length - 1) * View.Inner, -step);

                // There with L, back with R.
                new Span<double>(totals, width).Fill(1);
                for (long i = 0; i < View.Length; i++, at += step)
                {
                    for (int j = 0; j < width; j++)
                    {
                        Y[at + j] = T.CreateTruncating(totals[j]);
                        totals[j] *= double.CreateTruncating(X[at + j]);
                    }
                }

                new Span<double>(totals, width).Clear();
                for (long i = 0; i < View.Length; i++)
                {
                    at -= step;
                    for (int j = 0; j < width; j++)
                    {
                        double right = totals[j] + double.CreateTruncating(G[at + j]);
                        Y[at + j] = T.CreateTruncating(double.CreateTruncating(Y[at + j]) * right);
                        totals[j] = right * double.CreateTruncating(X[at + j]);
                    }
                }
            }
        }
    }
}
