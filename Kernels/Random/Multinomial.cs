using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Draws of categories from weights w [.., C], which need not sum to 1: Int64 [.., Count]. Every accelerator draws the same ones.
/// With replacement: the weights become whole numbers, round(2⁴⁰ w / max w), whose running sums are exact; draw i of all takes the first category whose sum exceeds
/// ⌊u · total / 2⁶⁴⌋ for 64 random bits u, words 2i mod 4 and the next of block Counter + i/2.
/// Without: every category sets out at once and arrives after −ln(1 − u)/w, u from word i mod 4 of block Counter + i/4 for element i of w; the first Count to arrive
/// are drawn, in their order (Efraimidis and Spirakis 2006).
/// </summary>
/// <param name="Count">Draws for each row of weights.</param>
/// <param name="Replacement">Whether a category may be drawn again.</param>
/// <param name="Key">The stream.</param>
/// <param name="Counter">Its first block.</param>
public sealed partial record Multinomial(long Count, bool Replacement, ulong Key, ulong Counter) : Op, IStreamOp
{
    /// <inheritdoc/>
    public ulong Counter { get; internal set; } = Counter;

    ulong IStreamOp.Counter
    {
        get => Counter;
        set => Counter = value;
    }

    private const double Units = 1L << 40;
    private const long MostCategories = 1L << 22, DrawsPerTask = 4 << 10;

    public override string Name => nameof(Multinomial);

    /// <summary>Blocks that the draws use: what to reserve of a <see cref="Generator"/>.</summary>
    public static long Blocks(Shape weights, long count, bool replacement)
        => weights.Rank == 0 ? 0 : replacement ? RandomOp.WideBlocks(weights.Count / Math.Max(1, weights[^1]) * count) : RandomOp.Blocks(weights.Count);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        Shape shape = x[0].Shape;
        if (shape.Rank == 0) throw new ShapeException($"{Name}: the weights [] must have a dimension of categories, the last. Insert one with Unsqueeze(0).");
        if (Count < 0 || (!Replacement && Count > shape[^1]))
            throw new ArgumentException($"{Name}: {Count} draws {(Replacement ? "" : "without replacement ")}from {shape[^1]} categories (weights {shape}) are not possible. Ask for fewer, or draw with replacement.");
        if (shape[^1] > MostCategories) throw new ShapeException($"{Name}: at most {MostCategories} categories can be drawn from, but the weights {shape} have {shape[^1]}.");
        y[0] = new(DType.Int64, shape.With(shape.Rank - 1, Count));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed weights = new(x[0]);
        using PackedOutput output = new(y[0]!);
        if (x[0].DType == DType.Float32) Run<float>(weights.Tensor, output.Tensor);
        else Run<double>(weights.Tensor, output.Tensor);
        output.Finish();
    }

    private unsafe void Run<T>(Tensor weights, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long categories = weights.Shape[^1], rows = y.Count / Count;
        T* w = (T*)weights.Pointer;
        for (long row = 0; row < rows; row++) CheckRow(w + row * categories, row, weights.Shape);
        if (!Replacement)
        {
            Arrive(weights, rows, y);
            return;
        }

        using Tensor sums = Tensor.Empty([rows, categories], DType.Int64, weights.Accelerator);
        SumJob<T> sum = new() { Weights = w, Sums = (long*)sums.Pointer, Categories = categories };
        WorkerPool.Shared.Run(checked((int)rows), ref sum);
        DrawJob draw = new() { Sums = sum.Sums, Y = (long*)y.Pointer, Categories = categories, Draws = Count, Total = y.Count, Key = Key, Counter = Counter };
        WorkerPool.Shared.Run(checked((int)((y.Count + DrawsPerTask - 1) / DrawsPerTask)), ref draw);
    }

    private unsafe void Arrive(Tensor weights, long rows, Tensor y)
    {
        long categories = weights.Shape[^1];
        using Tensor times = Tensor.Empty([rows, categories], weights.DType, weights.Accelerator);
        ArrivalAction action = new() { Op = this, Weights = weights, Times = times };
        ByType.Floating(this, weights.DType, ref action);
        using Tensor first = new ArgSort(1, Count, Descending: false).Execute(times);
        Buffer.MemoryCopy((void*)first.Pointer, (void*)y.Pointer, y.Count * sizeof(long), y.Count * sizeof(long));
    }

    /// <summary>Weights are finite and not negative, and enough of them are positive.</summary>
    private unsafe void CheckRow<T>(T* w, long row, Shape shape) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long categories = shape[^1], positive = 0;
        for (long c = 0; c < categories; c++)
        {
            if (!(w[c] >= T.Zero && T.IsFinite(w[c]))) throw BadWeights(shape, row * categories + c);
            if (w[c] > T.Zero) positive++;
        }

        if (positive < (Replacement ? 1 : Count)) throw BadWeights(shape, row * categories);
    }

    private ArgumentException BadWeights(Shape shape, long element)
    {
        long[] position = new long[shape.Rank];
        for (int d = shape.Rank - 1; d >= 0; d--) (position[d], element) = (element % shape.Span[d], element / shape.Span[d]);
        return new($"{Name}: the weights {shape} do not allow {Count} draws {(Replacement ? "with" : "without")} replacement at [{Shape.Join(position)}]: weights must be finite and not negative, "
            + $"and {(Replacement ? "one" : $"{Count}")} of each row positive. Scores that may be negative are logits: use Categorical, or Softmax first.");
    }

    /// <summary>−ln(1 − u)/w, u being the middle of the word's share of [0, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Arrival<T, V, S>(V word, V weight) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        V u = S.Fma(word, S.Constant(1 / 4294967296.0), S.Constant(0.5 / 4294967296.0));
        return S.Divide(S.Negate(VectorMath.Log1p<T, V, S>(S.Negate(u))), weight);
    }

    private unsafe struct SumJob<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* Weights;
        public long* Sums;
        public long Categories;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int row)
        {
            T* w = Weights + row * Categories;
            long* sums = Sums + row * Categories;
            T max = T.Zero, units = T.CreateTruncating(Units);
            for (long c = 0; c < Categories; c++) max = w[c] > max ? w[c] : max;
            long sum = 0;
            for (long c = 0; c < Categories; c++)
            {
                sum += long.CreateTruncating(T.Round(w[c] / max * units));
                sums[c] = sum;
            }
        }
    }

    private unsafe struct DrawJob : IParallelJob
    {
        public long* Sums, Y;
        public long Categories, Draws, Total;
        public ulong Key, Counter;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            for (long i = task * DrawsPerTask, end = Math.Min(Total, i + DrawsPerTask); i < end; i++)
            {
                Philox.Block(Key, Counter + (ulong)(i / 2), out uint x0, out uint x1, out uint x2, out uint x3);
                ulong u = i % 2 == 0 ? (ulong)x1 << 32 | x0 : (ulong)x3 << 32 | x2;
                long* sums = Sums + i / Draws * Categories;
                long place = (long)Math.BigMul(u, (ulong)sums[Categories - 1], out _), low = 0, high = Categories - 1;
                while (low < high)
                {
                    long middle = (low + high) / 2;
                    if (sums[middle] > place) high = middle;
                    else low = middle + 1;
                }

                Y[i] = low;
            }
        }
    }

    private unsafe struct ArrivalAction : IFloatingAction
    {
        public Multinomial Op;
        public Tensor Weights, Times;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            WidthAction<T> action = new() { Op = Op, Weights = (T*)Weights.Pointer, Times = (T*)Times.Pointer, Count = Weights.Count };
            SimdDispatch.Run<T, WidthAction<T>>(ref action);
        }
    }

    private unsafe struct WidthAction<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Multinomial Op;
        public T* Weights, Times;
        public long Count;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
            => RandomFill.Run<T, Arrivals<T, V, S>>(Op.Key, Op.Counter, Times, Count, new() { Weights = Weights });
    }

    private unsafe struct Arrivals<T, V, S> : IDraw<T> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public T* Weights;

        [MethodImpl(HotLoop.Options)]
        public readonly void Draw(uint* words, T* y, long first, int n)
        {
            T* w = Weights + first;
            for (int i = 0; i < n; i++) y[i] = T.CreateTruncating(words[i]);
            int done = 0;
            for (; done <= n - S.Count; done += S.Count) S.Store(y + done, Arrival<T, V, S>(S.Load(y + done), S.Load(w + done)));
            if (done < n) S.StorePart(y + done, n - done, Arrival<T, V, S>(S.LoadPart(y + done, n - done), S.LoadPart(w + done, n - done)));
        }
    }
}
