using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Fused 3×3 convolutions by Winograd's algorithm, from and to images with their channels last, which need not be turned: a vector of channels of a tile goes straight
/// from the image to its points. A task owns a block of rows of tiles, and all filters or a part of them; then it transforms the block for itself, which costs less than
/// to wait for another thread.
/// </summary>
internal static unsafe class FusedWinograd<T, V, S, TTile>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile
{
    private static int Side => TTile.Size + 2;

    public static void Run(in FusedArguments p)
    {
        Job job = new(p);
        WindowDispatch.Share(job.Cut.Tasks, p.Shape.Products, ref job);
    }

    private struct Job : IParallelJob
    {
        public readonly FusedCut Cut;
        private readonly FusedArguments _operands;
        private readonly int _across, _rows, _chain;
        private readonly nint _fromRow;

        public Job(in FusedArguments p)
        {
            WindowPlane w = p.Shape.Plane;
            _operands = p;
            _across = (w.OutputWidth + TTile.Size - 1) / TTile.Size;
            _rows = p.Shape.Images * TilesDown;
            _chain = WinogradPlan.ForImages(p.Shape, TTile.Size).Chain;
            _fromRow = CacheLines.Odd(p.Shape.Channels);
            int most = WinogradPlan.TilesFor(p.Shape), blocks = FusedCut.InFours((_rows * _across + most - 1) / most);
            Cut = new(Math.Min(blocks, _rows), p.Shape.Filters, BlockedProduct<T, V, S>.TileColumns);
        }

        private readonly int TilesDown => (_operands.Shape.Plane.OutputHeight + TTile.Size - 1) / TTile.Size;

        public readonly void Execute(int task)
        {
            int channels = _operands.Shape.Channels, piece = Cut.Piece(task), begin = Cut.Begin(piece, _rows), end = Cut.Begin(piece + 1, _rows);
            int k = Cut.First(task), filters = Cut.End(task) - k, tiles = (end - begin) * _across, panel = BlockedProduct<T, V, S>.TileColumns;
            nint toRow = CacheLines.Odd(filters), fromStep = CacheLines.Odd(tiles * _fromRow), toStep = CacheLines.Odd(tiles * toRow), panels = (nint)(_operands.Shape.Filters + panel - 1) / panel;
            int points = Side * Side, scratch = (2 * points + S.Count) * S.Count;
            T* from = (T*)WindowWorkspace.Rent((points * (fromStep + toStep) + scratch) * sizeof(T)), to = from + points * fromStep, tile = to + points * toStep;
            Read(begin, end, tile, from, fromStep);
            Gemm.Run<T, V, S>(new()
            {
                M = tiles, N = filters, K = channels, Batch = points, Chain = _chain,
                A = from, RowA = _fromRow, ColA = 1, StepA = fromStep,
                B = (T*)_operands.Filter + (nint)k * channels, ColB = 1, PanelB = (nint)channels * panel, StepB = panels * panel * channels,
                C = to, RowC = toRow, ColC = 1, StepC = toStep,
            }, Gemm.OwnThread);
            Write(begin, end, k, filters, tile, to, toRow, toStep);
        }

        /// <summary>The tiles' transforms, [point][tile][channel].</summary>
        private readonly void Read(int begin, int end, T* tile, T* to, nint step)
        {
            WindowPlane w = _operands.Shape.Plane;
            int channels = _operands.Shape.Channels, down = TilesDown;
            for (int row = begin; row < end; row++)
            {
                T* image = (T*)_operands.X + (nint)(row / down) * w.ImagePixels * channels;
                int top = row % down * TTile.Size - w.Vertical.Padding;
                for (int t = 0; t < _across; t++, to += _fromRow)
                {
                    int left = t * TTile.Size - w.Horizontal.Padding;
                    if (top >= 0 && left >= 0 && top + Side <= w.Height && left + Side <= w.Width && channels % S.Count == 0)
                        Whole(image + ((nint)top * w.Width + left) * channels, (nint)w.Width * channels, channels, tile, to, step);
                    else
                        Edge(w, image, top, left, channels, tile, to, step);
                }
            }
        }

        [MethodImpl(HotLoop.Options)]
        private static void Whole(T* image, nint line, int channels, T* tile, T* to, nint step)
        {
            for (int c = 0; c < channels; c += S.Count) Transform(image + c, line, channels, tile, to + c, step);
        }

        [MethodImpl(HotLoop.Options)]
        private static void Edge(in WindowPlane w, T* image, int top, int left, int channels, T* tile, T* to, nint step)
        {
            T* bordered = tile + Side * Side * S.Count;
            for (int c = 0; c < channels; c += S.Count)
            {
                int n = Math.Min(S.Count, channels - c);
                for (int i = 0; i < Side; i++)
                    for (int j = 0; j < Side; j++)
                    {
                        bool inside = (uint)(top + i) < (uint)w.Height && (uint)(left + j) < (uint)w.Width;
                        S.Store(bordered + (i * Side + j) * S.Count, inside ? S.LoadPart(image + ((nint)(top + i) * w.Width + left + j) * channels + c, n) : S.Constant(0));
                    }

                Transform(bordered, Side * S.Count, S.Count, tile, to + c, step);
            }
        }

        /// <summary>A vector of a tile's pixels to its points: down the columns, then along the rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transform(T* from, nint line, nint pixel, T* tile, T* to, nint step)
        {
            for (int j = 0; j < Side; j++) TTile.Image<T, V, S>(from + j * pixel, line, tile + j * S.Count, Side * S.Count);
            for (int i = 0; i < Side; i++) TTile.Image<T, V, S>(tile + i * Side * S.Count, S.Count, to + i * Side * step, step);
        }

        /// <summary>The pixels from the points, with the bias, the addend and the activation.</summary>
        private readonly void Write(int begin, int end, int first, int filters, T* tile, T* from, nint row, nint step)
        {
            WindowPlane w = _operands.Shape.Plane;
            int all = _operands.Shape.Filters, down = TilesDown;
            T* bias = (T*)_operands.Bias + first;
            delegate*<T*, nint, int, int, T*, T*, void> finish = GemmFinish<T, V, S>.For(_operands.Activation, _operands.Addend != 0);
            for (int r = begin; r < end; r++)
            {
                int top = r % down * TTile.Size, rows = Math.Min(TTile.Size, w.OutputHeight - top);
                T* line = (T*)_operands.Y + ((nint)(r / down) * w.OutputPixels + (nint)top * w.OutputWidth) * all + first;
                for (int t = 0; t < _across; t++, from += row)
                {
                    int left = t * TTile.Size, columns = Math.Min(TTile.Size, w.OutputWidth - left);
                    T* y = line + (nint)left * all;
                    Back(from, step, filters, bias, tile, y, (nint)w.OutputWidth * all, all, rows, columns);
                    if (finish == null) continue;
                    for (int i = 0; i < rows; i++, y += (nint)w.OutputWidth * all) finish(y, all, columns, filters, null, _operands.AddendFor(y));
                }
            }
        }

        [MethodImpl(HotLoop.Options)]
        private static void Back(T* from, nint step, int filters, T* bias, T* tile, T* y, nint line, nint pixel, int rows, int columns)
        {
            int size = TTile.Size;
            T* whole = tile + Side * Side * S.Count;
            for (int c = 0; c < filters; c += S.Count)
            {
                int n = Math.Min(S.Count, filters - c);
                V plus = S.LoadPart(bias + c, n);
                for (int j = 0; j < Side; j++) TTile.Result<T, V, S>(from + c + j * step, Side * step, S.Constant(0), tile + j * S.Count, Side * S.Count);
                if (n == S.Count && rows == size && columns == size)
                {
                    for (int i = 0; i < size; i++) TTile.Result<T, V, S>(tile + i * Side * S.Count, S.Count, plus, y + c + i * line, pixel);
                    continue;
                }

                for (int i = 0; i < rows; i++)
                {
                    TTile.Result<T, V, S>(tile + i * Side * S.Count, S.Count, plus, whole, S.Count);
                    for (int j = 0; j < columns; j++) S.StorePart(y + c + i * line + j * pixel, n, S.Load(whole + j * S.Count));
                }
            }
        }
    }
}
