using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Fused depthwise convolutions: a vector of channels at a time, eight pixels of a row side by side, so that an element of the filter is loaded once for all of them. A
/// task owns rows of the output, or parts of their channels.
/// </summary>
internal static unsafe class FusedDepthwise<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    private const int Group = 8;

    public static void Run(in FusedArguments p)
    {
        Job job = new() { Operands = p, Cut = new(p.Shape.Images * p.Shape.Plane.OutputHeight, p.Shape.Channels, S.Count) };
        WindowDispatch.Share(job.Cut.Tasks, p.Shape.Products, ref job);
    }

    private struct Job : IParallelJob
    {
        public FusedArguments Operands;
        public FusedCut Cut;

        public readonly void Execute(int task)
        {
            ConvolutionShape p = Operands.Shape;
            WindowPlane w = p.Plane;
            int row = Cut.Piece(task), n = row / w.OutputHeight, i = row % w.OutputHeight, first = Cut.First(task), end = Cut.End(task);
            T* image = (T*)Operands.X + (nint)n * p.InputVolume * p.Channels, y = (T*)Operands.Y + (nint)row * w.OutputWidth * p.Channels;
            Row line = new(w, p.Channels, image, i);
            int c = first;
            for (; c + S.Count <= end; c += S.Count) line.Vector((T*)Operands.Filter + c, (T*)Operands.Bias + c, y + c, c);
            if (c < end) line.Part((T*)Operands.Filter + c, (T*)Operands.Bias + c, y + c, c, end - c);
            delegate*<T*, nint, int, int, T*, T*, void> finish = GemmFinish<T, V, S>.For(Operands.Activation, Operands.Addend != 0);
            if (finish != null) finish(y + first, p.Channels, w.OutputWidth, end - first, null, Operands.AddendFor(y + first));
        }
    }

    /// <summary>What one row of the output reads.</summary>
    private readonly struct Row
    {
        private readonly T* _image;                 // where the window's first row would begin at output pixel 0
        private readonly int _channels, _width, _outputs, _stride, _left, _taps, _dilation;
        private readonly int _firstRow, _endRow;    // rows of the window inside the image
        private readonly int _firstWhole, _endWhole;        // output pixels whose windows lie inside
        private readonly nint _line;                // from one row of the window to the next

        public Row(in WindowPlane w, int channels, T* image, int i)
        {
            Window v = w.Vertical, h = w.Horizontal;
            int top = i * v.Stride - v.Padding;
            (_channels, _width, _outputs, _stride, _left, _taps, _dilation) = (channels, w.Width, w.OutputWidth, h.Stride, -h.Padding, h.Size, h.Dilation);
            _line = (nint)v.Dilation * w.Width * channels;
            _image = image + ((nint)top * w.Width - h.Padding) * channels;
            (_firstRow, _endRow) = (0, v.Size);
            while (_firstRow < v.Size && top + _firstRow * v.Dilation < 0) _firstRow++;
            while (_endRow > _firstRow && top + (_endRow - 1) * v.Dilation >= w.Height) _endRow--;
            _firstWhole = Math.Min((h.Padding + h.Stride - 1) / h.Stride, _outputs);
            _endWhole = Math.Max(_firstWhole, (int)Math.Min((w.Width + h.Padding - h.Extent + h.Stride) / h.Stride, _outputs));
        }

        /// <summary>One whole vector of channels, which begins at <paramref name="channel"/>.</summary>
        [MethodImpl(HotLoop.Options)]
        public void Vector(T* weight, T* bias, T* y, int channel)
        {
            V start = S.Load(bias);
            T* image = _image + channel;
            for (int j = 0; j < _outputs; j += Group)
            {
                if (j >= _firstWhole && j + Group <= _endWhole && _taps == 3 && _stride == 1 && _dilation == 1) Three(image, weight, start, y, j);
                else if (j >= _firstWhole && j + Group <= _endWhole) Whole(image, weight, start, y, j);
                else Clipped(image, weight, start, y, j, Math.Min(Group, _outputs - j));
            }
        }

        /// <summary>Pixels whose windows lie inside.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Whole(T* image, T* weight, V start, T* y, int j)
        {
            nint step = (nint)_stride * _channels, line = _line, row = (nint)_taps * _channels;
            V s0 = start, s1 = start, s2 = start, s3 = start, s4 = start, s5 = start, s6 = start, s7 = start;
            for (int s = 0; s < _taps; s++)
            {
                T* x = image + _firstRow * line + j * step + (nint)s * _dilation * _channels, w = weight + _firstRow * row + (nint)s * _channels;
                for (int r = _firstRow; r < _endRow; r++, x += line, w += row)
                {
                    V factor = S.Load(w);
                    T* x4 = x + 4 * step;
                    s0 = S.MultiplyAdd(factor, S.Load(x), s0);
                    s1 = S.MultiplyAdd(factor, S.Load(x + step), s1);
                    s2 = S.MultiplyAdd(factor, S.Load(x + 2 * step), s2);
                    s3 = S.MultiplyAdd(factor, S.Load(x + 3 * step), s3);
                    s4 = S.MultiplyAdd(factor, S.Load(x4), s4);
                    s5 = S.MultiplyAdd(factor, S.Load(x4 + step), s5);
                    s6 = S.MultiplyAdd(factor, S.Load(x4 + 2 * step), s6);
                    s7 = S.MultiplyAdd(factor, S.Load(x4 + 3 * step), s7);
                }
            }

            Store(y + (nint)j * _channels, s0, s1, s2, s3, s4, s5, s6, s7);
        }

        /// <summary>The same for the usual window, three neighbouring pixels wide: each pixel is loaded once for the three outputs that see it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Three(T* image, T* weight, V start, T* y, int j)
        {
            nint step = _channels, step3 = 3 * step, line = _line;
            V s0 = start, s1 = start, s2 = start, s3 = start, s4 = start, s5 = start, s6 = start, s7 = start;
            T* x = image + _firstRow * line + j * step, w = weight + _firstRow * step3;
            for (int r = _firstRow; r < _endRow; r++, x += line, w += step3)
            {
                V left = S.Load(w), middle = S.Load(w + step), right = S.Load(w + 2 * step), pixel = S.Load(x);
                T* x3 = x + step3, x6 = x3 + step3;
                s0 = S.MultiplyAdd(left, pixel, s0);
                pixel = S.Load(x + step);
                s0 = S.MultiplyAdd(middle, pixel, s0);
                s1 = S.MultiplyAdd(left, pixel, s1);
                pixel = S.Load(x + 2 * step);
                s0 = S.MultiplyAdd(right, pixel, s0);
                s1 = S.MultiplyAdd(middle, pixel, s1);
                s2 = S.MultiplyAdd(left, pixel, s2);
                pixel = S.Load(x3);
                s1 = S.MultiplyAdd(right, pixel, s1);
                s2 = S.MultiplyAdd(middle, pixel, s2);
                s3 = S.MultiplyAdd(left, pixel, s3);
                pixel = S.Load(x3 + step);
                s2 = S.MultiplyAdd(right, pixel, s2);
                s3 = S.MultiplyAdd(middle, pixel, s3);
                s4 = S.MultiplyAdd(left, pixel, s4);
                pixel = S.Load(x3 + 2 * step);
                s3 = S.MultiplyAdd(right, pixel, s3);
                s4 = S.MultiplyAdd(middle, pixel, s4);
                s5 = S.MultiplyAdd(left, pixel, s5);
                pixel = S.Load(x6);
                s4 = S.MultiplyAdd(right, pixel, s4);
                s5 = S.MultiplyAdd(middle, pixel, s5);
                s6 = S.MultiplyAdd(left, pixel, s6);
                pixel = S.Load(x6 + step);
                s5 = S.MultiplyAdd(right, pixel, s5);
                s6 = S.MultiplyAdd(middle, pixel, s6);
                s7 = S.MultiplyAdd(left, pixel, s7);
                pixel = S.Load(x6 + 2 * step);
                s6 = S.MultiplyAdd(right, pixel, s6);
                s7 = S.MultiplyAdd(middle, pixel, s7);
                s7 = S.MultiplyAdd(right, S.Load(x6 + step3), s7);
            }

            Store(y + (nint)j * _channels, s0, s1, s2, s3, s4, s5, s6, s7);
        }

        /// <summary>Eight neighbouring pixels' results.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Store(T* to, V s0, V s1, V s2, V s3, V s4, V s5, V s6, V s7)
        {
            T* to4 = to + 4 * _channels;
            S.Store(to, s0);
            S.Store(to + _channels, s1);
            S.Store(to + 2 * _channels, s2);
            S.Store(to + 3 * _channels, s3);
            S.Store(to4, s4);
            S.Store(to4 + _channels, s5);
            S.Store(to4 + 2 * _channels, s6);
            S.Store(to4 + 3 * _channels, s7);
        }

        /// <summary>The first <paramref name="count"/> pixels of a group, each with those columns of its window that lie inside.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Clipped(T* image, T* weight, V start, T* y, int j, int count)
        {
            nint step = (nint)_stride * _channels, line = _line, row = (nint)_taps * _channels;
            V s0 = start, s1 = start, s2 = start, s3 = start, s4 = start, s5 = start, s6 = start, s7 = start;
            for (int s = 0; s < _taps; s++)
            {
                int column = j * _stride + _left + s * _dilation, first = 0, end = count;
                while (first < end && column + first * _stride < 0) first++;
                while (end > first && column + (end - 1) * _stride >= _width) end--;
                T* x = image + _firstRow * line + j * step + (nint)s * _dilation * _channels, w = weight + _firstRow * row + (nint)s * _channels;
                for (int r = _firstRow; r < _endRow; r++, x += line, w += row)
                {
                    V factor = S.Load(w);
                    T* x4 = x + 4 * step;
                    if (first <= 0 && end > 0) s0 = S.MultiplyAdd(factor, S.Load(x), s0);
                    if (first <= 1 && end > 1) s1 = S.MultiplyAdd(factor, S.Load(x + step), s1);
                    if (first <= 2 && end > 2) s2 = S.MultiplyAdd(factor, S.Load(x + 2 * step), s2);
                    if (first <= 3 && end > 3) s3 = S.MultiplyAdd(factor, S.Load(x + 3 * step), s3);
                    if (first <= 4 && end > 4) s4 = S.MultiplyAdd(factor, S.Load(x4), s4);
                    if (first <= 5 && end > 5) s5 = S.MultiplyAdd(factor, S.Load(x4 + step), s5);
                    if (first <= 6 && end > 6) s6 = S.MultiplyAdd(factor, S.Load(x4 + 2 * step), s6);
                    if (first <= 7 && end > 7) s7 = S.MultiplyAdd(factor, S.Load(x4 + 3 * step), s7);
                }
            }

            T* to = y + (nint)j * _channels, to4 = to + 4 * _channels;
            S.Store(to, s0);
            if (count > 1) S.Store(to + _channels, s1);
            if (count > 2) S.Store(to + 2 * _channels, s2);
            if (count > 3) S.Store(to + 3 * _channels, s3);
            if (count > 4) S.Store(to4, s4);
            if (count > 5) S.Store(to4 + _channels, s5);
            if (count > 6) S.Store(to4 + 2 * _channels, s6);
            if (count > 7) S.Store(to4 + 3 * _channels, s7);
        }

        /// <summary>The last channels, fewer than a vector.</summary>
        [MethodImpl(HotLoop.Options)]
        public void Part(T* weight, T* bias, T* y, int channel, int n)
        {
            V start = S.LoadPart(bias, n);
            T* image = _image + channel;
            for (int j = 0; j < _outputs; j++)
            {
                V sum = start;
                int left = j * _stride + _left;
                for (int r = _firstRow; r < _endRow; r++)
                    for (int s = 0; s < _taps; s++)
                    {
                        int x = left + s * _dilation;
                        if ((uint)x >= (uint)_width) continue;
                        sum = S.MultiplyAdd(S.LoadPart(weight + (nint)(r * _taps + s) * _channels, n), S.LoadPart(image + r * _line + (nint)(x - _left) * _channels, n), sum);
                    }

                S.StorePart(y + (nint)j * _channels, n, sum);
            }
        }
    }
}
