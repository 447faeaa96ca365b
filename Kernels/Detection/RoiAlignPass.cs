using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>The operands of RoIAlign or of its transpose, row-major.</summary>
internal struct RoiAlignArguments
{
    public RoiAlign Op;
    public int Images, Channels, Rows, Columns, Count;
    public nint Boxes, From, To;
}

/// <summary>A place along one axis: pixels <see cref="Low"/> and <see cref="High"/> with their weights; Low is −1 where nothing is read.</summary>
internal struct RoiPlace<T> where T : unmanaged
{
    public int Low, High;
    public T Weight, Next;
}

/// <summary>Forward a box is a task; the transpose adds box by box to a channel of an image, which is a task.</summary>
internal unsafe struct RoiAlignPass : IFloatingAction
{
    public RoiAlignArguments P;
    public bool Transposed;

    private Op _op;

    public void Start(Op op, DType dtype)
    {
        _op = op;
        ByType.Floating(op, dtype, ref this);
    }

    public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Boxes.CheckImages(_op, (T*)P.Boxes, P.Count, P.Images, Shape.Create(P.Images, P.Channels, P.Rows, P.Columns));
        double work = (double)P.Count * P.Channels * P.Op.Height * P.Op.Width * 16;
        Job<T> job = new() { P = P, Transposed = Transposed };
        WindowDispatch.Share(Transposed ? (long)P.Images * P.Channels : P.Count, work, ref job);
    }

    private struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public RoiAlignArguments P;
        public bool Transposed;

        public readonly void Execute(int task)
        {
            nint pixels = (nint)P.Rows * P.Columns, bins = (nint)P.Op.Height * P.Op.Width;
            if (!Transposed)
            {
                T* box = (T*)P.Boxes + 5 * (nint)task;
                RoiPlace<T>* rows = Places(box, out int down, out int across), columns = rows + (nint)down * P.Op.Height;
                T* x = (T*)P.From + (nint)int.CreateTruncating(box[0]) * P.Channels * pixels, y = (T*)P.To + (nint)task * P.Channels * bins;
                for (int c = 0; c < P.Channels; c++, x += pixels, y += bins) Read(x, y, rows, down, columns, across);
                return;
            }

            int image = task / P.Channels, channel = task % P.Channels;
            T* dx = (T*)P.To + task * pixels;
            NativeMemory.Clear(dx, (nuint)(pixels * sizeof(T)));
            for (int r = 0; r < P.Count; r++)
            {
                T* box = (T*)P.Boxes + 5 * (nint)r;
                if (int.CreateTruncating(box[0]) != image) continue;
                RoiPlace<T>* rows = Places(box, out int down, out int across), columns = rows + (nint)down * P.Op.Height;
                Add(dx, (T*)P.From + ((nint)r * P.Channels + channel) * bins, rows, down, columns, across);
            }
        }

        /// <summary>The places of a box in rows, then in columns, and how many a bin has.</summary>
        private readonly RoiPlace<T>* Places(T* box, out int down, out int across)
        {
            T scale = T.CreateChecked(P.Op.Scale), half = T.CreateChecked(P.Op.Aligned ? 0.5 : 0);
            T left = box[1] * scale - half, top = box[2] * scale - half, width = box[3] * scale - half - left, height = box[4] * scale - half - top;
            if (!P.Op.Aligned) (width, height) = (T.Max(width, T.One), T.Max(height, T.One));
            (down, across) = (Samples(height, P.Op.Height), Samples(width, P.Op.Width));
            RoiPlace<T>* places = (RoiPlace<T>*)WindowWorkspace.Rent(((nint)down * P.Op.Height + (nint)across * P.Op.Width) * sizeof(RoiPlace<T>));
            Fill(places, top, height, P.Op.Height, down, P.Rows);
            Fill(places + (nint)down * P.Op.Height, left, width, P.Op.Width, across, P.Columns);
            return places;
        }

        private readonly int Samples(T size, int bins)
        {
            if (P.Op.Samples > 0) return P.Op.Samples;
            T samples = T.Ceiling(size / T.CreateChecked(bins));
            return samples > T.Zero && samples < T.CreateChecked(1 << 20) ? int.CreateTruncating(samples) : 0;
        }

        private static void Fill(RoiPlace<T>* places, T start, T size, int bins, int samples, int length)
        {
            T bin = size / T.CreateChecked(bins), count = T.CreateChecked(samples), half = T.CreateChecked(0.5), end = T.CreateChecked(length);
            for (int b = 0; b < bins; b++)
            {
                for (int i = 0; i < samples; i++, places++)
                {
                    T at = start + T.CreateChecked(b) * bin + (T.CreateChecked(i) + half) * bin / count;
                    *places = new() { Low = -1 };
                    if (!(at >= -T.One && at <= end)) continue;
                    if (at <= T.Zero) at = T.Zero;
                    int low = int.CreateTruncating(at);
                    T part = at - T.CreateChecked(low);
                    *places = low >= length - 1 ? new() { Low = length - 1, High = length - 1, Weight = T.One }
                        : new() { Low = low, High = low + 1, Weight = T.One - part, Next = part };
                }
            }
        }

        private readonly T Share(int down, int across) => T.One / T.CreateChecked(Math.Max(1L, (long)down * across));

        [MethodImpl(HotLoop.Options)]
        private readonly void Read(T* x, T* y, RoiPlace<T>* rows, int down, RoiPlace<T>* columns, int across)
        {
            T share = Share(down, across);
            for (int ph = 0; ph < P.Op.Height; ph++)
            {
                for (int pw = 0; pw < P.Op.Width; pw++, y++)
                {
                    T sum = T.Zero;
                    for (int i = ph * down; i < (ph + 1) * down; i++)
                    {
                        if (rows[i].Low < 0) continue;
                        T* low = x + (nint)rows[i].Low * P.Columns, high = x + (nint)rows[i].High * P.Columns;
                        for (int j = pw * across; j < (pw + 1) * across; j++)
                        {
                            RoiPlace<T> c = columns[j];
                            if (c.Low < 0) continue;
                            sum += rows[i].Weight * (c.Weight * low[c.Low] + c.Next * low[c.High]) + rows[i].Next * (c.Weight * high[c.Low] + c.Next * high[c.High]);
                        }
                    }

                    *y = sum * share;
                }
            }
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Add(T* dx, T* g, RoiPlace<T>* rows, int down, RoiPlace<T>* columns, int across)
        {
            T share = Share(down, across);
            for (int ph = 0; ph < P.Op.Height; ph++)
            {
                for (int pw = 0; pw < P.Op.Width; pw++, g++)
                {
                    T part = *g * share;
                    for (int i = ph * down; i < (ph + 1) * down; i++)
                    {
                        if (rows[i].Low < 0) continue;
                        T* low = dx + (nint)rows[i].Low * P.Columns, high = dx + (nint)rows[i].High * P.Columns;
                        T above = part * rows[i].Weight, below = part * rows[i].Next;
                        for (int j = pw * across; j < (pw + 1) * across; j++)
                        {
                            RoiPlace<T> c = columns[j];
                            if (c.Low < 0) continue;
                            low[c.Low] += above * c.Weight;
                            low[c.High] += above * c.Next;
                            high[c.Low] += below * c.Weight;
                            high[c.High] += below * c.Next;
                        }
                    }
                }
            }
        }
    }
}
