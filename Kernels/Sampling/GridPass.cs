using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>The operands of a sampling or of its transpose, row-major.</summary>
internal struct GridArguments
{
    public GridSample Op;
    public int Images, Channels, Height, Width, Places;
    public nint Grid, From, To;
}

/// <summary>First finds, for every place of every image, what pixels it reads with what weights; then works channel by channel, in the order of places.</summary>
internal unsafe struct GridPass : IFloatingAction
{
    // Places worth a task.
    private const int PartPlaces = 4096;

    public GridArguments P;
    public bool Transposed;

    public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (P.Places == 0 || P.Images * P.Channels == 0)
        {
            if (Transposed) NativeMemory.Clear((void*)P.To, (nuint)P.Images * (nuint)P.Channels * (nuint)P.Height * (nuint)P.Width * (nuint)sizeof(T));
            return;
        }

        int taps = P.Op.Taps;
        using Tensor pixels = Tensor.Empty([P.Images, P.Places, taps], DType.Int32, CpuAccelerator.Instance);
        using Tensor weights = Tensor.Empty([P.Images, P.Places, taps], sizeof(T) == 4 ? DType.Float32 : DType.Float64, CpuAccelerator.Instance);
        int parts = (P.Places + PartPlaces - 1) / PartPlaces;
        double work = (double)P.Images * P.Places * taps;
        Finding<T> finding = new() { P = P, Pixels = (int*)pixels.Pointer, Weights = (T*)weights.Pointer, Parts = parts };
        WindowDispatch.Share((long)P.Images * parts, 8 * work, ref finding);
        Moving<T> moving = new() { P = P, Pixels = (int*)pixels.Pointer, Weights = (T*)weights.Pointer, Transposed = Transposed };
        WindowDispatch.Share((long)P.Images * P.Channels, 2 * work * P.Channels, ref moving);
    }

    private struct Finding<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public GridArguments P;
        public int* Pixels;
        public T* Weights;
        public int Parts;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            (int image, int part) = Math.DivRem(task, Parts);
            bool linear = P.Op.Linear;
            for (int place = part * PartPlaces, end = Math.Min(place + PartPlaces, P.Places); place < end; place++)
            {
                nint at = (nint)image * P.Places + place;
                T* grid = (T*)P.Grid + 2 * at;
                GridAxis<T> x = new(P.Op, grid[0], P.Width, P.Op.OrderX), y = new(P.Op, grid[1], P.Height, P.Op.OrderY);
                if (!linear)
                {
                    bool inside = x.First >= 0 && y.First >= 0;
                    Pixels[at] = inside ? y.First * P.Width + x.First : -1;
                    Weights[at] = inside ? x.Weight * y.Weight : T.Zero;
                    continue;
                }

                Set(4 * at, x.First, y.First, x.Weight * y.Weight);
                Set(4 * at + 1, x.First + 1, y.First, x.Next * y.Weight);
                Set(4 * at + 2, x.First, y.First + 1, x.Weight * y.Next);
                Set(4 * at + 3, x.First + 1, y.First + 1, x.Next * y.Next);
            }
        }

        // What lies outside counts 0.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Set(nint tap, int column, int row, T weight)
        {
            bool inside = (uint)column < (uint)P.Width && (uint)row < (uint)P.Height;
            Pixels[tap] = inside ? row * P.Width + column : -1;
            Weights[tap] = inside ? weight : T.Zero;
        }
    }

    private struct Moving<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public GridArguments P;
        public int* Pixels;
        public T* Weights;
        public bool Transposed;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int plane)
        {
            nint image = plane / P.Channels, places = P.Places, size = (nint)P.Height * P.Width, taps = P.Op.Taps;
            int* pixels = Pixels + image * places * taps;
            T* weights = Weights + image * places * taps, from = (T*)P.From + plane * (Transposed ? places : size), to = (T*)P.To + plane * (Transposed ? size : places);
            if (Transposed)
            {
                NativeMemory.Clear(to, (nuint)(size * sizeof(T)));
                for (nint place = 0, tap = 0; place < places; place++)
                    for (nint end = tap + taps; tap < end; tap++)
                        if (pixels[tap] >= 0) to[pixels[tap]] += weights[tap] * from[place];
                return;
            }

            for (nint place = 0, tap = 0; place < places; place++)
            {
                T sum = T.Zero;
                for (nint end = tap + taps; tap < end; tap++)
                    if (pixels[tap] >= 0) sum += weights[tap] * from[pixels[tap]];
                to[place] = sum;
            }
        }
    }
}
