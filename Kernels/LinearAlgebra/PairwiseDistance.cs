using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The distances of all vectors x [.., P, M] from all vectors y [.., R, M], with the same dimensions in front: [.., P, R]. Differences are taken element by element, so that
/// near vectors far from the origin lose nothing.
/// </summary>
/// <param name="Manhattan">Σ |x − y| instead of √Σ (x − y)².</param>
public sealed record PairwiseDistance(bool Manhattan) : Op
{
    internal const int Tile = 16;       // rows of x, and of y, that a group of a GPU compares

    public override string Name => nameof(PairwiseDistance);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 3.0 * y[0]!.Count * x[0].Shape[^1];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        DType dtype = Check.SameType(this, x);
        Shape a = x[0].Shape, b = x[1].Shape;
        if (a.Rank < 2 || b.Rank != a.Rank || a[^1] != b[^1] || !a.Span[..^2].SequenceEqual(b.Span[..^2]))
            throw new ShapeException($"{Name}: vectors {a} and {b} do not fit: [.., P, M] and [.., R, M] with the same lengths in front are expected. Unsqueeze or Expand one of them.");
        y[0] = new(dtype, a.With(a.Rank - 1, b[^2]));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed a = new(x[0]), b = new(x[1]);
        using PackedOutput output = new(y[0]!);
        Action action = new() { Manhattan = Manhattan, X = a.Tensor, Y = b.Tensor, Distances = output.Tensor };
        ByType.Floating(this, x[0].DType, ref action);
        output.Finish();
    }

    private static readonly KernelTable<(bool Manhattan, DType Type)> _gpu = new(key => GpuSource.Real("pairwise_distance.cu", "pairwise_distance", Tile * Tile, key.Type,
        ("TILE", $"{Tile}"), ("MANHATTAN", key.Manhattan ? "1" : "0")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed a = new(x[0]), b = new(x[1]);
        long p = y[0]!.Shape[^2], r = y[0]!.Shape[^1], down = (p + Tile - 1) / Tile, across = (r + Tile - 1) / Tile;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(a.Tensor);
        arguments.In(b.Tensor);
        arguments.Value(p);
        arguments.Value(r);
        arguments.Value(x[0].Shape[^1]);
        arguments.Value(down);
        arguments.Value(across);
        gpu.Launch(_gpu[(Manhattan, x[0].DType)], new(Matrices.Count(y[0]!.Shape) * down * across), ref arguments);
    }

    private struct Action : IFloatingAction
    {
        public bool Manhattan;
        public Tensor X, Y, Distances;

        public readonly unsafe void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            WidthAction<T> action = new()
            {
                Manhattan = Manhattan, X = (T*)X.Pointer, Y = (T*)Y.Pointer, Distances = (T*)Distances.Pointer,
                P = X.Shape[^2], R = Y.Shape[^2], M = X.Shape[^1], Matrices = Kernels.Matrices.Count(X.Shape),
            };
            SimdDispatch.Run<T, WidthAction<T>>(ref action);
        }
    }

    private unsafe struct WidthAction<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public bool Manhattan;
        public T* X, Y, Distances;
        public long P, R, M, Matrices;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            Job<T, V, S> job = new() { Of = this, Strips = (P + Job<T, V, S>.Rows - 1) / Job<T, V, S>.Rows };
            job.StripsPerTask = Math.Max(1, (32 << 10) / Math.Max(1, Job<T, V, S>.Rows * R * M));
            WorkerPool.Shared.Run(checked((int)((Matrices * job.Strips + job.StripsPerTask - 1) / job.StripsPerTask)), ref job);
        }
    }

    /// <summary>Four rows of x against two of y at a time: eight sums in registers, six loads for them.</summary>
    private unsafe struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public const int Rows = 4, Columns = 2;

        public WidthAction<T> Of;
        public long Strips, StripsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            T** x = stackalloc T*[Rows], y = stackalloc T*[Columns];
            T* sums = stackalloc T[Rows * Columns];
            for (long strip = task * StripsPerTask, end = Math.Min(Of.Matrices * Strips, strip + StripsPerTask); strip < end; strip++)
            {
                long matrix = strip / Strips, i0 = strip % Strips * Rows;
                for (int i = 0; i < Rows; i++) x[i] = Of.X + (matrix * Of.P + Math.Min(i0 + i, Of.P - 1)) * Of.M;
                for (long j0 = 0; j0 < Of.R; j0 += Columns)
                {
                    for (int j = 0; j < Columns; j++) y[j] = Of.Y + (matrix * Of.R + Math.Min(j0 + j, Of.R - 1)) * Of.M;
                    if (Of.Manhattan) Compare<Magnitude>(x, y, sums);
                    else Compare<Power>(x, y, sums);
                    for (long i = i0; i < Math.Min(i0 + Rows, Of.P); i++)
                        for (long j = j0; j < Math.Min(j0 + Columns, Of.R); j++)
                        {
                            T sum = sums[(i - i0) * Columns + j - j0];
                            Of.Distances[(matrix * Of.P + i) * Of.R + j] = Of.Manhattan ? sum : T.Sqrt(sum);
                        }
                }
            }
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Compare<TTerm>(T** x, T** y, T* sums) where TTerm : struct, ITerm
        {
            T* x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], y0 = y[0], y1 = y[1];
            V zero = S.Constant(0), s00 = zero, s01 = zero, s10 = zero, s11 = zero, s20 = zero, s21 = zero, s30 = zero, s31 = zero;
            long k = 0;
            for (; k <= Of.M - S.Count; k += S.Count)
            {
                V a = S.Load(y0 + k), b = S.Load(y1 + k), c = S.Load(x0 + k);
                s00 = TTerm.Add<T, V, S>(s00, S.Subtract(c, a));
                s01 = TTerm.Add<T, V, S>(s01, S.Subtract(c, b));
                c = S.Load(x1 + k);
                s10 = TTerm.Add<T, V, S>(s10, S.Subtract(c, a));
                s11 = TTerm.Add<T, V, S>(s11, S.Subtract(c, b));
                c = S.Load(x2 + k);
                s20 = TTerm.Add<T, V, S>(s20, S.Subtract(c, a));
                s21 = TTerm.Add<T, V, S>(s21, S.Subtract(c, b));
                c = S.Load(x3 + k);
                s30 = TTerm.Add<T, V, S>(s30, S.Subtract(c, a));
                s31 = TTerm.Add<T, V, S>(s31, S.Subtract(c, b));
            }

            if (k < Of.M)
            {
                int rest = (int)(Of.M - k);
                V a = S.LoadPart(y0 + k, rest), b = S.LoadPart(y1 + k, rest), c = S.LoadPart(x0 + k, rest);
                s00 = TTerm.Add<T, V, S>(s00, S.Subtract(c, a));
                s01 = TTerm.Add<T, V, S>(s01, S.Subtract(c, b));
                c = S.LoadPart(x1 + k, rest);
                s10 = TTerm.Add<T, V, S>(s10, S.Subtract(c, a));
                s11 = TTerm.Add<T, V, S>(s11, S.Subtract(c, b));
                c = S.LoadPart(x2 + k, rest);
                s20 = TTerm.Add<T, V, S>(s20, S.Subtract(c, a));
                s21 = TTerm.Add<T, V, S>(s21, S.Subtract(c, b));
                c = S.LoadPart(x3 + k, rest);
                s30 = TTerm.Add<T, V, S>(s30, S.Subtract(c, a));
                s31 = TTerm.Add<T, V, S>(s31, S.Subtract(c, b));
            }

            (sums[0], sums[1], sums[2], sums[3]) = (S.Sum(s00), S.Sum(s01), S.Sum(s10), S.Sum(s11));
            (sums[4], sums[5], sums[6], sums[7]) = (S.Sum(s20), S.Sum(s21), S.Sum(s30), S.Sum(s31));
        }
    }

    private interface ITerm
    {
        static abstract V Add<T, V, S>(V sum, V difference) where T : unmanaged where V : struct where S : struct, ISimd<T, V>;
    }

    private readonly struct Magnitude : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Add<T, V, S>(V sum, V difference) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => S.Add(sum, S.Abs(difference));
    }

    private readonly struct Power : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Add<T, V, S>(V sum, V difference) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => S.MultiplyAdd(difference, difference, sum);
    }
}
