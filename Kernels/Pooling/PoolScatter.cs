using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What one element of neighbouring windows gets of the windows' gradients.</summary>
internal interface IWindowScatter
{
    /// <summary>Whether the gradient is divided by the number of elements; else a position says who gets it.</summary>
    static abstract bool Averages { get; }
}

internal readonly struct ByPosition : IWindowScatter
{
    public static bool Averages => false;
}

internal readonly struct Evenly : IWindowScatter
{
    public static bool Averages => true;
}

/// <summary>
/// Spreads the windows' gradients over planes of the bordered image, which then become the image. Windows are added in a fixed order; where they
/// tile the plane there is nothing to add.
/// </summary>
internal readonly unsafe struct PoolScatter<TScatter> : IWindowPass<PoolArguments> where TScatter : struct, IWindowScatter
{
    public static void Run<T, V, S>(ref PoolArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        WindowPlane w = p.Shape.Plane;
        bool tiles = w.Vertical.Size == w.Vertical.Stride && w.Horizontal.Size == w.Horizontal.Stride && w.Vertical.Dilation == 1 && w.Horizontal.Dilation == 1;
        int strips = tiles ? p.Shape.Strips(sizeof(T)) : 1, perTask = p.Shape.TaskPlanes;
        Job<T, V, S> job = new()
        {
            Operands = p, PerTask = perTask, Tiles = tiles, Rows = (w.OutputHeight + strips - 1) / strips,
            Streams = StreamingStores.PayInRows((void*)p.Image, (long)p.Shape.Planes * w.Height, w.Width * sizeof(T), Unsafe.SizeOf<V>()),
        };
        WindowDispatch.Share((p.Shape.Planes + perTask - 1) / perTask, p.Shape.Work, ref job);
    }

    private struct Job<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public PoolArguments Operands;
        public int PerTask, Rows;
        public bool Tiles, Streams;

        public readonly void Execute(int task)
        {
            // Windows that tile the plane are independent strip by strip, and a strip stays in L1.
            int height = Operands.Shape.Plane.OutputHeight;
            PoolWorkspace<T, V, S> work = new(Operands, Rows, TScatter.Averages);
            for (int channel = task * PerTask, end = Math.Min(channel + PerTask, Operands.Shape.Planes); channel < end; channel++)
                for (int first = 0; first < height; first += Rows) Strip(work, channel, first, Math.Min(Rows, height - first));
            if (Streams) StreamingStores.Fence();
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Strip(in PoolWorkspace<T, V, S> work, int channel, int first, int outputRows)
        {
            WindowPlane w = Operands.Shape.Plane;
            bool tiles = Tiles;
            int width = w.OutputWidth, taps = Operands.Shape.Taps, rows = w.RowsFor(outputRows);
            nint output = (nint)channel * w.OutputPixels + first * width;
            T* dx = work.Plane, g = (T*)Operands.Windows + output, index = work.Index;
            if (!tiles) new Span<byte>(dx, checked((int)((nint)rows * w.RowLength * sizeof(T)))).Clear();
            if (!TScatter.Averages) work.ReadIndex(Operands, output, outputRows * width);
            V one = S.Constant(1), zero = S.Constant(0);
            for (int i = 0; i < outputRows; i++, dx += w.OutputStep, g += width, index += width)
            {
                V count = TScatter.Averages ? S.Broadcast(work.RowCount(Operands, first + i)) : default;
                for (int next = 0; next < width; next += S.Count)
                {
                    // Where nothing is added the last vector may overlap the one before. Else lanes beyond the row are zero, and add nothing to what lies there.
                    int j = tiles && next > width - S.Count && width >= S.Count ? width - S.Count : next;
                    int lanes = Math.Min(S.Count, width - j);
                    V gradient = Lanes.Load<T, V, S>(g + j, lanes);
                    if (TScatter.Averages) gradient = S.Divide(gradient, S.Multiply(count, S.Load(work.Counts + j)));
                    V position = zero, at = TScatter.Averages ? default : S.Load(index + j);
                    for (int t = 0; t < taps; t++)
                    {
                        T* to = dx + j + work.Offsets[t];
                        V part = TScatter.Averages ? gradient : S.Select(S.Equal(at, position), gradient, zero);
                        if (!tiles) S.Store(to, S.Add(S.Load(to), part));
                        else Lanes.Store<T, V, S>(to, lanes, part);
                        position = S.Add(position, one);
                    }
                }
            }

            bool last = first + outputRows == w.OutputHeight;
            PlaneCopy<T, V, S>.Store(w, work.Plane, first * w.Vertical.Stride, rows, last, (T*)Operands.Image + (nint)channel * w.ImagePixels, Streams);
        }
    }
}
