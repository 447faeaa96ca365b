using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The positions of the first elements in order along one dimension, as Int64. Stable: equal elements (−0 and +0 are) stay in their order. NaN comes last.
/// </summary>
/// <param name="Axis">The dimension, not negative.</param>
/// <param name="Length">How many: the dimension's length sorts, fewer select.</param>
/// <param name="Descending">The largest first.</param>
public sealed partial record ArgSort(int Axis, long Length, bool Descending) : Op
{
    public override string Name => nameof(ArgSort);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Shape shape = x[0].Shape;
        int axis = shape.Axis(Axis, Name);
        if (Length < 0 || Length > shape[axis])
            throw new ShapeException($"{Name}: {Length} elements were asked for, but dimension {axis} of {shape} has {shape[axis]}.");
        long[] lengths = shape.Span.ToArray();
        lengths[axis] = Length;
        y[0] = new(DType.Int64, (Shape)lengths);
    }

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed input = new(x[0]);
        using PackedOutput output = new(y[0]!);
        Action action = new() { View = new(x[0].Shape, Axis), Length = Length, Descending = Descending, X = (void*)input.Pointer, Y = (long*)output.Tensor.Pointer };
        ByType.Number(this, x[0].DType, ref action);
        output.Finish();
    }

    private unsafe struct Action : INumberAction
    {
        public AxisView View;
        public long Length;
        public bool Descending;
        public void* X;
        public long* Y;

        public readonly void Run<T>() where T : unmanaged, INumber<T>
        {
            Job<T> job = new() { Work = this, LinesPerTask = Math.Max(1, (4 << 10) / View.Length) };
            WorkerPool.Shared.Run(checked((int)((View.Outer * View.Inner + job.LinesPerTask - 1) / job.LinesPerTask)), ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, INumber<T>
    {
        private const long Few = 128;   // up to so many are selected by insertion, if they are a small part

        public Action Work;
        public long LinesPerTask;

        public readonly void Execute(int task)
        {
            AxisView view = Work.View;
            int n = checked((int)view.Length);
            ulong[] keys = ArrayPool<ulong>.Shared.Rent(n);
            long[] order = ArrayPool<long>.Shared.Rent(n);
            for (long line = task * LinesPerTask, end = Math.Min(view.Outer * view.Inner, line + LinesPerTask); line < end; line++)
            {
                long outer = line / view.Inner, inner = line - outer * view.Inner;
                MakeKeys((T*)Work.X + outer * n * view.Inner + inner, view.Inner, keys.AsSpan(0, n));
                if (Work.Length <= Few && Work.Length * 8 < n) Select(keys.AsSpan(0, n), order);
                else SortAll(keys.AsSpan(0, n), order.AsSpan(0, n));
                long* y = Work.Y + outer * Work.Length * view.Inner + inner;
                for (long i = 0; i < Work.Length; i++) y[i * view.Inner] = order[i];
            }

            ArrayPool<ulong>.Shared.Return(keys);
            ArrayPool<long>.Shared.Return(order);
        }

        /// <summary>Numbers whose unsigned order is the order asked for.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void MakeKeys(T* x, long stride, Span<ulong> keys)
        {
            for (int i = 0; i < keys.Length; i++)
            {
                T value = x[i * stride];
                ulong key = Key(value);
                keys[i] = T.IsNaN(value) ? ulong.MaxValue : Work.Descending ? ~key : key;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong Key(T value)
        {
            if (typeof(T) != typeof(float) && typeof(T) != typeof(double)) return (ulong)long.CreateTruncating(value) ^ 1UL << 63;

            // Bit patterns of positive numbers are in order; those of negative ones in reverse. Adding +0 turns −0 into +0.
            ulong bits = BitConverter.DoubleToUInt64Bits(double.CreateTruncating(value) + 0.0);
            return (long)bits < 0 ? ~bits : bits | 1UL << 63;
        }

        private static void SortAll(Span<ulong> keys, Span<long> order)
        {
            for (int i = 0; i < order.Length; i++) order[i] = i;
            keys.Sort(order);
            for (int start = 0; start < keys.Length;)
            {
                // The sort is not stable: put each run of equals back in order.
                int end = start + 1;
                while (end < keys.Length && keys[end] == keys[start]) end++;
                if (end - start > 1) order[start..end].Sort();
                start = end;
            }
        }

        /// <summary>The first few in order, by insertion into a list that stays sorted. A later equal never displaces an earlier one.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void Select(ReadOnlySpan<ulong> keys, long[] order)
        {
            int few = (int)Work.Length, used = 0;
            ulong* best = stackalloc ulong[few];
            for (int i = 0; i < keys.Length; i++)
            {
                ulong key = keys[i];
                if (used == few && key >= best[few - 1]) continue;
                int place = used < few ? used++ : few - 1;
                for (; place > 0 && best[place - 1] > key; place--) (best[place], order[place]) = (best[place - 1], order[place - 1]);
                (best[place], order[place]) = (key, i);
            }
        }
    }
}
