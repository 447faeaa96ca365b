using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What clipping does to a list of gradients (Float32 and Float64, also mixed), in place and never recorded.</summary>
public static unsafe class GradientKernels
{
    /// <summary>
    /// √Σ g² over all elements of all tensors; NaN if any is NaN, else +∞ if any is infinite. Squares are added in fixed blocks, then in
    /// double, so the bits do not depend on the number of threads; float gradients beyond the square root of the largest float do not overflow. Waits for the accelerator.
    /// </summary>
    public static double Norm(ReadOnlySpan<Tensor> gradients)
    {
        FlatList list = FlatList.OfThread;
        GpuPieces gpu = GpuPieces.OfThread;
        double[]? sums = null;
        try
        {
            foreach (Tensor gradient in gradients) Add(list, gpu, nameof(Norm), gradient, written: false);
            int blocks = list.Blocks;
            sums = ArrayPool<double>.Shared.Rent(blocks);
            Array.Clear(sums, 0, blocks);
            Squares squares = new() { Sums = sums };
            list.Run(ref squares);
            KeepAlive(gradients);
            double total = gpu.SumOfSquares();
            for (int i = 0; i < blocks; i++) total += sums[i];
            return Math.Sqrt(total);
        }
        finally
        {
            if (sums is not null) ArrayPool<double>.Shared.Return(sums);
            list.Clear();
            gpu.Clear();
        }
    }

    /// <summary>g ← factor · g.</summary>
    public static void Scale(ReadOnlySpan<Tensor> gradients, double factor) => Change(gradients, nameof(Scale), new ScaleWork { Factor = factor });

    /// <summary>g ← min(max(g, −limit), limit); a NaN stays.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not positive.</exception>
    public static void Clamp(ReadOnlySpan<Tensor> gradients, double limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Change(gradients, nameof(Clamp), new ClampWork { Limit = limit });
    }

    private static void Change<TWork>(ReadOnlySpan<Tensor> gradients, string operation, TWork work) where TWork : struct, IUpdateRule<TWork>
    {
        FlatList list = FlatList.OfThread;
        GpuPieces gpu = GpuPieces.OfThread;
        try
        {
            foreach (Tensor gradient in gradients) Add(list, gpu, operation, gradient, written: true);
            list.Run(ref work);
            gpu.Run(work);
            KeepAlive(gradients);
        }
        finally
        {
            list.Clear();
            gpu.Clear();
        }
    }

    private static void Add(FlatList list, GpuPieces gpu, string operation, Tensor gradient, bool written)
    {
        if (gradient.Accelerator is GpuAccelerator) gpu.Add(operation, gradient, written);
        else list.Add(operation, gradient, written);
    }

    private static void KeepAlive(ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors) GC.KeepAlive(tensor);
    }

    private record struct ScaleWork : IUpdateRule<ScaleWork>
    {
        public double Factor;

        public readonly int Operands => 1;

        public readonly ScaleWork Kind => default;

        public readonly void GetNumbers(in Piece piece, Span<double> numbers) => numbers[0] = Factor;

        public readonly string Write<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
            => UpdateFormula.Write<Update<T, Symbol, SymbolicSimd<T>>>(numbers => new() { Factor = numbers[0] });

        public readonly void Run<T, V, S>(in Piece piece, long from, long n, int block)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
            => UpdateLoop<T, V, S>.Run(new Update<T, V, S> { Factor = S.Constant(Factor) }, piece, from, n);

        private struct Update<T, V, S> : IElementUpdate<V> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        {
            public V Factor;

            public static int Operands => 1;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public readonly void Apply(ref V x, V g, ref V first, ref V second) => x = S.Multiply(Factor, x);
        }
    }

    private record struct ClampWork : IUpdateRule<ClampWork>
    {
        public double Limit;

        public readonly int Operands => 1;

        public readonly ClampWork Kind => default;

        public readonly void GetNumbers(in Piece piece, Span<double> numbers) => (numbers[0], numbers[1]) = (-Limit, Limit);

        public readonly string Write<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
            => UpdateFormula.Write<Update<T, Symbol, SymbolicSimd<T>>>(numbers => new() { Low = numbers[0], High = numbers[1] });

        public readonly void Run<T, V, S>(in Piece piece, long from, long n, int block)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
            => UpdateLoop<T, V, S>.Run(new Update<T, V, S> { Low = S.Constant(-Limit), High = S.Constant(Limit) }, piece, from, n);

        private struct Update<T, V, S> : IElementUpdate<V> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
        {
            public V Low, High;

            public static int Operands => 1;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public readonly void Apply(ref V x, V g, ref V first, ref V second) => x = S.Clamp(x, Low, High);
        }
    }

    private struct Squares : IPieceWork
    {
        private const int RunLength = 1024;     // elements that are added in the elements' own precision

        public double[] Sums;

        public readonly void Run<T, V, S>(in Piece piece, long from, long n, int block)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            T* x = (T*)piece.Lead + from;
            for (long i = 0; i < n; i += RunLength)
            {
                int length = (int)Math.Min(RunLength, n - i);
                double sum = double.CreateTruncating(Sum<T, V, S>(x + i, length));

                // Squares of very large and very small floats leave the range of their type.
                if (typeof(T) == typeof(float) && !(sum is > 1e-25 and < 1e38)) sum = SumInDouble(x + i, length);
                Sums[block] += sum;
            }
        }

        [MethodImpl(HotLoop.Options)]
        private static T Sum<T, V, S>(T* x, int n) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            V a = S.Constant(0), b = a, c = a, d = a;
            int i = 0;
            for (; i <= n - 4 * S.Count; i += 4 * S.Count)
            {
                V x0 = S.Load(x + i), x1 = S.Load(x + i + S.Count), x2 = S.Load(x + i + 2 * S.Count), x3 = S.Load(x + i + 3 * S.Count);
                a = S.MultiplyAdd(x0, x0, a);
                b = S.MultiplyAdd(x1, x1, b);
                c = S.MultiplyAdd(x2, x2, c);
                d = S.MultiplyAdd(x3, x3, d);
            }

            for (; i < n; i += S.Count)
            {
                V rest = S.LoadPart(x + i, Math.Min(S.Count, n - i));
                a = S.MultiplyAdd(rest, rest, a);
            }

            return S.Sum(S.Add(S.Add(a, b), S.Add(c, d)));
        }

        private static double SumInDouble<T>(T* x, int n) where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            double sum = 0;
            for (int i = 0; i < n; i++)
            {
                double value = double.CreateTruncating(x[i]);
                sum += value * value;
            }

            return sum;
        }
    }
}
