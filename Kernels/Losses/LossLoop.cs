using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The CPU's loops behind <see cref="ElementLoss{TLoss}"/> and its gradient.</summary>
internal static unsafe class LossLoop<TLoss> where TLoss : struct, ILossKernel
{
    private const long ElementsPerTask = 16 << 10;
    private const int Block = 16;       // vectors of losses that are added up in the element type before they join the total, which is a double

    public static void Forward<T>(ElementLoss<TLoss> loss, ReadOnlySpan<Tensor> x, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed predictions = new(x[0]), targets = new(x[1]), weights = new(x[^1]);
        bool perElement = loss.Reduction == Reduction.None;
        long n = x[0].Count;
        int tasks = Tasks(n);
        using Tensor? sums = perElement ? null : Tensor.Empty([tasks], DType.Float64, y.Accelerator);
        Loop<T> loop = new()
        {
            X = (T*)predictions.Pointer, Targets = (T*)targets.Pointer, Weights = x.Length > 2 ? (T*)weights.Pointer : null,
            Y = perElement ? (T*)y.Pointer : null, Sums = sums is null ? null : (double*)sums.Pointer, Count = n, Parameter = loss.Parameter, Tasks = tasks,
        };
        SimdDispatch.Run<T, Loop<T>>(ref loop);
        if (perElement) return;
        double total = 0;
        for (int i = 0; i < tasks; i++) total += loop.Sums[i];
        *(T*)y.Pointer = T.CreateTruncating(total / loss.Divisor(n));
    }

    public static void Backward<T>(ElementLoss<TLoss> loss, ReadOnlySpan<Tensor> x, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Packed g = new(x[0]), predictions = new(x[1]), targets = new(x[2]), weights = new(x[^1]);
        bool perElement = loss.Reduction == Reduction.None;
        long n = y.Count;
        Loop<T> loop = new()
        {
            X = (T*)predictions.Pointer, Targets = (T*)targets.Pointer, Weights = x.Length > 3 ? (T*)weights.Pointer : null,
            Y = (T*)y.Pointer, Gradients = perElement ? (T*)g.Pointer : null, Count = n, Parameter = loss.Parameter, Tasks = Tasks(n),
            Gamma = perElement ? 1 : double.CreateTruncating(*(T*)g.Pointer) / loss.Divisor(n), IsBackward = true,
        };
        SimdDispatch.Run<T, Loop<T>>(ref loop);
    }

    private static int Tasks(long count) => checked((int)((count + ElementsPerTask - 1) / ElementsPerTask));

    private struct Loop<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* X, Targets, Weights, Y, Gradients;
        public double* Sums;
        public long Count;
        public double Parameter, Gamma;
        public int Tasks;
        public bool IsBackward;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            if (IsBackward)
            {
                Slopes<T, V, S> job = new() { Loop = this };
                WorkerPool.Shared.Run(Tasks, ref job);
            }
            else
            {
                Values<T, V, S> job = new() { Loop = this };
                WorkerPool.Shared.Run(Tasks, ref job);
            }
        }
    }

    private struct Values<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Loop<T> Loop;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            T* x = Loop.X, t = Loop.Targets, w = Loop.Weights, y = Loop.Y;
            long i = task * ElementsPerTask, end = Math.Min(Loop.Count, i + ElementsPerTask), full = end - (end - i) % S.Count;
            V c = S.Constant(Loop.Parameter);
            double total = 0;
            while (i < full)
            {
                V sum = S.Constant(0);
                for (long stop = Math.Min(full, i + Block * S.Count); i < stop; i += S.Count)
                {
                    V loss = TLoss.Value<T, V, S>(S.Load(x + i), S.Load(t + i), c);
                    if (w != null) loss = S.Multiply(loss, S.Load(w + i));
                    if (y != null) S.Store(y + i, loss);
                    sum = S.Add(sum, loss);
                }

                total += double.CreateTruncating(S.Sum(sum));
            }

            if (i < end)
            {
                int rest = (int)(end - i);
                V loss = TLoss.Value<T, V, S>(S.LoadPart(x + i, rest), S.LoadPart(t + i, rest), c);
                if (w != null) loss = S.Multiply(loss, S.LoadPart(w + i, rest));
                if (y != null) S.StorePart(y + i, rest, loss);
                total += double.CreateTruncating(S.Sum(S.And(loss, LaneMask.First<T, V, S>(rest))));
            }

            if (Loop.Sums != null) Loop.Sums[task] = total;
        }
    }

    private struct Slopes<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Loop<T> Loop;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            T* x = Loop.X, t = Loop.Targets, w = Loop.Weights, g = Loop.Gradients, y = Loop.Y;
            long i = task * ElementsPerTask, end = Math.Min(Loop.Count, i + ElementsPerTask);
            V c = S.Constant(Loop.Parameter), gamma = S.Constant(Loop.Gamma);
            for (; i <= end - S.Count; i += S.Count)
            {
                V slope = TLoss.Slope<T, V, S>(S.Load(x + i), S.Load(t + i), c);
                if (w != null) slope = S.Multiply(slope, S.Load(w + i));
                S.Store(y + i, S.Multiply(slope, g == null ? gamma : S.Load(g + i)));
            }

            if (i >= end) return;
            int rest = (int)(end - i);
            V last = TLoss.Slope<T, V, S>(S.LoadPart(x + i, rest), S.LoadPart(t + i, rest), c);
            if (w != null) last = S.Multiply(last, S.LoadPart(w + i, rest));
            S.StorePart(y + i, rest, S.Multiply(last, g == null ? gamma : S.LoadPart(g + i, rest)));
        }
    }
}
