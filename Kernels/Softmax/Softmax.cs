using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>yᵢ = eˣⁱ / Σⱼ eˣʲ, with the maximum subtracted first, so that nothing overflows. A NaN spoils its whole line.</summary>
public readonly unsafe struct Softmax : ILineFunction
{
    private const int MostWaiting = 256 << 10;      // bytes of a line's exponentials: a part of the second-level cache

    public static string Name => nameof(Softmax);
    public static int Operands => 1;

    public static void Run<T, V, S>(AxisView view, T* a, T* b, T* y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => LineJob<T, V, S, Line<T, V, S>>.Run(view, new() { X = a, Y = y }, y);

    private struct Line<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public T* X, Y;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            T* x = X + offset, y = Y + offset;
            V max = LanePass<T, V, S, MaximumStep>.Run(walk, x, null, null);

            // What is streamed is not read again: the exponentials wait elsewhere, in memory that the next line finds still cached.
            nint bytes = (nint)walk.Full * Unsafe.SizeOf<V>();
            LaneWalk cached = walk with { Streams = false };
            bool streams = walk.Streams && bytes <= MostWaiting;
            T* e = streams ? (T*)WindowWorkspace.Rent(bytes) : y;
            V sum = LanePass<T, V, S, ExponentialStep<Stored>>.Run(cached, x, null, e, max);
            LanePass<T, V, S, ScaleStep>.Run(streams ? walk : cached, e, null, y, S.Divide(S.Constant(1), sum));
        }
    }
}

/// <summary>yᵢ = xᵢ − ln Σⱼ eˣʲ, accurate also where the softmax itself would round to 0.</summary>
public readonly unsafe struct LogSoftmax : ILineFunction
{
    public static string Name => nameof(LogSoftmax);
    public static int Operands => 1;

    public static void Run<T, V, S>(AxisView view, T* a, T* b, T* y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => LineJob<T, V, S, Line<T, V, S>>.Run(view, new() { X = a, Y = y }, y);

    private struct Line<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public T* X, Y;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            T* x = X + offset;
            V max = LanePass<T, V, S, MaximumStep>.Run(walk, x, null, null);
            V sum = LanePass<T, V, S, ExponentialStep<NotStored>>.Run(walk, x, null, null, max);
            LanePass<T, V, S, ShiftStep>.Run(walk, x, null, Y + offset, max, VectorMath.Log<T, V, S>(sum));
        }
    }
}

/// <summary>The backward pass of softmax: dxᵢ = yᵢ (gᵢ − Σⱼ gⱼ yⱼ), from g and the result y.</summary>
public readonly unsafe struct SoftmaxGradient : ILineFunction
{
    public static string Name => nameof(SoftmaxGradient);
    public static int Operands => 2;

    public static void Run<T, V, S>(AxisView view, T* a, T* b, T* y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => LineJob<T, V, S, Line<T, V, S>>.Run(view, new() { G = a, P = b, Y = y }, y);

    private struct Line<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public T* G, P, Y;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            V dot = LanePass<T, V, S, DotStep>.Run(walk, G + offset, P + offset, null);
            LanePass<T, V, S, CenterAndScaleStep>.Run(walk, G + offset, P + offset, Y + offset, dot);
        }
    }
}

/// <summary>The backward pass of log-softmax: dxᵢ = gᵢ − eʸⁱ Σⱼ gⱼ, from g and the result y.</summary>
public readonly unsafe struct LogSoftmaxGradient : ILineFunction
{
    public static string Name => nameof(LogSoftmaxGradient);
    public static int Operands => 2;

    public static void Run<T, V, S>(AxisView view, T* a, T* b, T* y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => LineJob<T, V, S, Line<T, V, S>>.Run(view, new() { G = a, LogP = b, Y = y }, y);

    private struct Line<T, V, S> : ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public T* G, LogP, Y;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in LaneWalk walk, long offset, long line)
        {
            V sum = LanePass<T, V, S, SumStep>.Run(walk, G + offset, null, null);
            LanePass<T, V, S, SubtractExponentialStep>.Run(walk, G + offset, LogP + offset, Y + offset, sum);
        }
    }
}
