using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// The backward pass of a <see cref="RowNorm"/>: dx = r (g′ − mean(g′) − x̂ mean(g′ x̂)) over each row, with g′ = scale · g, r = 1/√(variance + ε) and
/// x̂ the normalised x (without the term mean(g′) where no mean was taken off); dscale = Σ g x̂, dshift = Σ g. Operands: g, x, r, the mean less the row's first
/// element if a mean is taken off, and the scale if there is one.
/// </summary>
/// <param name="Norm">The forward pass.</param>
/// <param name="Affine">0 for dx alone, 1 for dx and dscale, 2 for all three.</param>
public sealed record RowNormGradient(RowNorm Norm, int Affine) : Op
{
    private const long TaskElements = 32 << 10, FewestRows = 16, MostRows = 256;    // of the rows that one task adds up

    public override string Name => nameof(RowNormGradient);
    protected internal override bool MixesWidths => true;
    private protected override bool StaysWide(int output, ReadOnlySpan<Tensor> x) => output > 0;

    public override int OutputCount => 1 + Affine;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        Check.SameType(this, x);
        Check.SameShape(this, "g", x[0], "x", x[1]);
        NormRows rows = Norm.RowsOf(x[1]);
        int statistics = Norm.KeptCount, expected = 2 + statistics + Math.Min(Affine, 1);
        if (x.Length != expected) throw new ArgumentException($"{Name} of {Norm.Name}: takes {expected} operands, but got {x.Length}.");
        for (int i = 2; i < 2 + statistics; i++)
            if (x[i].Rank != 1 || x[i].Count != rows.Rows)
                throw new ShapeException($"{Name}: {(i == 2 ? "r" : "mean")} {x[i].Shape} must be [{rows.Rows}], one number per row of x {x[1].Shape}.");
        y[0] = new(x[1].DType, x[1].Shape);
        if (Affine == 0) return;
        Norm.CheckAffine(x[1], "scale", x[^1]);
        y[1..].Fill(new(x[1].DType, x[^1].Shape));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y);
        else Run<double>(x, y);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RowNormKernel.Backward(gpu, this, x, y);

    /// <summary>Parts of the sums over rows, [parts, numbers of the scale], become the gradient of a scale or shift.</summary>
    internal static void AddParts(Tensor y, Tensor parts)
    {
        using Tensor flat = y.Alias(Layout.Contiguous([y.Count]).Shifted(y.Layout.Offset), Tensor.Ownership.Internal);
        new Reduce<Sum>([0], false).ExecuteInto(flat, parts);
    }

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor? factor = Affine > 0 ? x[^1] : null;
        NormRows rows = Norm.RowsOf(x[1]).Under(factor);
        if (x[1].Count == 0)
        {
            for (int i = 1; i <= Affine; i++) y[i]!.FillInPlace(0);
            return;
        }

        using Packed g = new(x[0]), input = new(x[1]), inverse = new(x[2]), mean = new(x[Norm.Centers ? 3 : 2]), scale = new(x[^1]);
        long rowsPerTask = Math.Clamp(TaskElements / rows.Length, rows.SumsColumns && Affine > 0 ? FewestRows : 1, MostRows);
        int tasks = checked((int)((rows.Rows + rowsPerTask - 1) / rowsPerTask));
        long parts = rows.SumsColumns ? tasks : rows.Rows / rows.AffineRows;
        using Tensor? dscale = PartsOf(y, 1, parts), dshift = PartsOf(y, 2, parts);
        Action<T> action = new()
        {
            Job = new()
            {
                Rows = rows, RowsPerTask = rowsPerTask, G = (T*)g.Pointer, X = (T*)input.Pointer, Inverse = (T*)inverse.Pointer, Mean = Norm.Centers ? (T*)mean.Pointer : null,
                Scale = factor is null ? null : (T*)scale.Pointer, DX = (T*)y[0]!.Pointer, DScale = (T*)(dscale?.Pointer ?? 0), DShift = (T*)(dshift?.Pointer ?? 0),
            },
            Tasks = tasks,
        };
        SimdDispatch.Run<T, Action<T>>(ref action);
        if (dscale is not null) AddParts(y[1]!, dscale);
        if (dshift is not null) AddParts(y[2]!, dshift);
    }

    /// <summary>Where the parts of an output's sums go, or null if the output is not wanted.</summary>
    internal static Tensor? PartsOf(ReadOnlySpan<Tensor?> y, int output, long parts)
        => output < y.Length ? Tensor.Empty([parts, y[output]!.Count], y[output]!.DType, y[output]!.Accelerator) : null;

    private struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Arguments<T> Job;
        public int Tasks;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            Job<T, V, S> job = new() { A = Job };
            WorkerPool.Shared.Run(Tasks, ref job);
        }
    }

    private unsafe struct Arguments<T> where T : unmanaged
    {
        public NormRows Rows;
        public long RowsPerTask;
        public T* G, X, Inverse, Mean, Scale, DX, DScale, DShift;
    }

    private unsafe struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Arguments<T> A;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            NormRows rows = A.Rows;
            long first = task * A.RowsPerTask, end = Math.Min(rows.Rows, first + A.RowsPerTask);
            if (rows.SumsColumns) Clear(task);
            for (long row = first; row < end; row++)
            {
                if (A.Scale == null) Chunked(row);
                else if (rows.Inner > 1) Chunked(row);
                else if (rows.SumsColumns) PerElement(row, task);
                else
                {
                    Clear(row);
                    PerElement(row, row);
                }
            }
        }

        /// <summary>A row of sums starts at zero.</summary>
        private readonly void Clear(long part)
        {
            nuint bytes = (nuint)(A.Rows.Chunks * sizeof(T));
            if (A.DScale != null) NativeMemory.Clear(A.DScale + part * A.Rows.Chunks, bytes);
            if (A.DShift != null) NativeMemory.Clear(A.DShift + part * A.Rows.Chunks, bytes);
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void PerElement(long row, long part)
        {
            long n = A.Rows.Length, affine = row % A.Rows.AffineRows * n, sums = part * n;
            T* g = A.G + row * n, x = A.X + row * n;
            V first = First(x), mean = Mean(row), inverse = S.Broadcast(A.Inverse[row]);
            (V sum, V moment) = RowLoops<T, V, S>.Sums(g, x, A.Scale + affine, n, first, mean);
            RowLoops<T, V, S>.Project(g, x, A.Scale + affine, A.DX + row * n, A.DScale + sums, A.DShift == null ? null : A.DShift + sums, n, first, mean, inverse,
                Slope(moment, inverse), Level(sum, inverse));
        }

        /// <summary>A row of chunks, each with one scale; without scales it is one chunk.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void Chunked(long row)
        {
            long n = A.Rows.Length, chunks = A.Scale == null ? 1 : A.Rows.Chunks, inner = n / chunks, affine = row % A.Rows.AffineRows * chunks;
            LaneWalk walk = LaneWalk.Row(inner, S.Count);
            T* g = A.G + row * n, x = A.X + row * n;
            V first = First(x), mean = Mean(row), inverse = S.Broadcast(A.Inverse[row]), sum = S.Constant(0), moment = sum;
            for (long c = 0; c < chunks; c++)
            {
                V part = LanePass<T, V, S, CorrelationStep>.Run(walk, g + c * inner, x + c * inner, null, new(first, default, default, default), out V correlation);
                correlation = S.Subtract(correlation, S.Multiply(mean, part));
                V scale = A.Scale == null ? S.Constant(1) : S.Broadcast(A.Scale[affine + c]);
                (sum, moment) = (S.MultiplyAdd(scale, part, sum), S.MultiplyAdd(scale, correlation, moment));
                if (A.DScale != null) S.StorePart(A.DScale + row * chunks + c, 1, S.Multiply(correlation, inverse));
                if (A.DShift != null) S.StorePart(A.DShift + row * chunks + c, 1, part);
            }

            V slope = Slope(moment, inverse), level = S.Subtract(Level(sum, inverse), S.Multiply(mean, slope));
            for (long c = 0; c < chunks; c++)
            {
                V k = A.Scale == null ? inverse : S.Multiply(inverse, S.Broadcast(A.Scale[affine + c]));
                LanePass<T, V, S, ProjectStep>.Run(walk, g + c * inner, x + c * inner, A.DX + row * n + c * inner, first, k, slope, level);
            }
        }

        private readonly V First(T* x) => A.Mean == null ? S.Constant(0) : S.Broadcast(*x);

        private readonly V Mean(long row) => A.Mean == null ? S.Constant(0) : S.Broadcast(A.Mean[row]);

        /// <summary>−r³ Σ g′ d / n: what multiplies the deviation d.</summary>
        private readonly V Slope(V moment, V inverse)
            => S.Negate(S.Multiply(S.Multiply(inverse, inverse), S.Multiply(inverse, S.Divide(moment, S.Constant(A.Rows.Length)))));

        /// <summary>−r Σ g′ / n, if the mean is taken off.</summary>
        private readonly V Level(V sum, V inverse) => A.Mean == null ? S.Constant(0) : S.Negate(S.Multiply(inverse, S.Divide(sum, S.Constant(A.Rows.Length))));
    }
}
