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
        foreach (Tensor gradient in gradients) DryAccelerator.Refuse(nameof(Norm), gradient, "Clip after the step that is planned.");
        FlatList list = FlatList.OfThread;
        GpuPieces gpu = GpuPieces.OfThread;
        double[]? sums = null;
        try
        {
            foreach (Tensor gradient in gradients)
            {
                if (gradient.Accelerator is GpuAccelerator) gpu.Add(nameof(Norm), gradient, written: false);
                else list.Add(nameof(Norm), gradient, written: false);
            }

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
    public static void Scale(ReadOnlySpan<Tensor> gradients, double factor) => Change(gradients, new ScaleRule(factor));

    /// <summary>g ← min(max(g, −limit), limit); a NaN stays.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not positive.</exception>
    public static void Clamp(ReadOnlySpan<Tensor> gradients, double limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Change(gradients, new ClampRule(limit));
    }

    /// <summary>x ← sign(x) · max(|x| − threshold, 0), the proximal step of an L1 penalty; a NaN stays.</summary>
    public static void Shrink(ReadOnlySpan<Tensor> tensors, double threshold) => Change(tensors, new ShrinkRule(threshold));

    /// <summary>g ← g + l1 · sign(x) + l2 · x for each pair.</summary>
    public static void AddPenalty(ReadOnlySpan<(Tensor Gradient, Tensor X)> pairs, double l1, double l2) => Change(pairs, new PenaltyRule(l1, l2));

    /// <summary>a ← a + share · (x − a) for each pair.</summary>
    public static void Approach(ReadOnlySpan<(Tensor Average, Tensor X)> pairs, double share) => Change(pairs, new ApproachRule(share));

    private static void Change<TRule>(ReadOnlySpan<(Tensor, Tensor)> pairs, TRule rule) where TRule : struct, IUpdateRule<TRule>
    {
        ParameterUpdate[] updates = new ParameterUpdate[pairs.Length];
        for (int i = 0; i < updates.Length; i++) updates[i] = new(pairs[i].Item1, pairs[i].Item2, null, null, 1);
        OptimizerKernels.Step(updates, rule);
    }

    private static void Change<TRule>(ReadOnlySpan<Tensor> tensors, TRule rule) where TRule : struct, IUpdateRule<TRule>
    {
        ParameterUpdate[] updates = new ParameterUpdate[tensors.Length];
        for (int i = 0; i < updates.Length; i++) updates[i] = new(tensors[i], tensors[i], null, null, 1);
        OptimizerKernels.Step(updates, rule);
    }

    private static void KeepAlive(ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors) GC.KeepAlive(tensor);
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
