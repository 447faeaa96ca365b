using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions straight from the planes with their borders, a strip of which stays in L1: up to four filters by six vectors of pixels in registers, one element of the
/// filters after the other. Nothing is gathered or packed. A task owns a strip of an image and all filters of a group.
/// </summary>
internal static unsafe class DirectConvolution<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>y from x and the weight; or, of a reversible convolution, dx from g and the weight.</summary>
    public static void Run(in ConvolutionArguments p, bool reversed)
    {
        DirectPlan plan = new(p.Shape, reversed, sizeof(T), S.Count);
        Job job = new() { Plan = plan, Image = (T*)p.Read(reversed), Weight = (T*)p.Weight, Bias = (T*)p.Bias, To = (T*)p.Made(reversed) };
        WindowDispatch.Share((long)p.Shape.Images * p.Shape.Groups * plan.Shape.OutputDepth * plan.Strips, p.Shape.Products, ref job);
    }

    private struct Job : IParallelJob
    {
        public DirectPlan Plan;
        public T* Image, Weight, Bias, To;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = Plan.Shape;
            WindowPlane w = p.Plane;
            int strip = task % Plan.Strips, d = task / Plan.Strips % p.OutputDepth, unit = task / Plan.Strips / p.OutputDepth, group = unit % p.Groups;
            int first = Plan.FirstRow(strip), rows = Plan.FirstRow(strip + 1) - first, volume = p.OutputVolume;
            T* planes = (T*)WindowWorkspace.Rent(DirectPlanes<T, V, S>.Elements(Plan) * sizeof(T) + Plan.Terms * sizeof(DirectStep)) + DirectPlanes<T, V, S>.Lead(Plan);
            DirectStep* steps = (DirectStep*)(planes - DirectPlanes<T, V, S>.Lead(Plan) + DirectPlanes<T, V, S>.Elements(Plan));
            Fill(steps);
            DirectPlanes<T, V, S>.Load(Plan, Image + (nint)unit * Plan.Read * p.InputVolume, d, first, rows, planes);

            T* to = To + (nint)unit * Plan.Made * volume + (nint)d * w.OutputPixels + (nint)first * w.OutputWidth;
            nint row = Plan.Reversed ? p.Taps : Plan.Terms;
            T* weight = Weight + (nint)group * Plan.Made * Plan.Terms;
            int width = w.OutputWidth, last = Math.Max(width - S.Count, 0), vectors = rows * ((width + S.Count - 1) / S.Count);
            nint step = Plan.OutputStep;
            T* zeros = stackalloc T[DirectArguments.MostFactors];
            new Span<T>(zeros, DirectArguments.MostFactors).Clear();
            DirectArguments t = new()
            {
                Steps = steps, Count = Plan.Terms, FactorRow = row * sizeof(T), RowY = (nint)volume * sizeof(T), Bias = (byte*)zeros, Lanes = width,
            };
            nint made = (nint)Plan.Made * volume, read = (nint)Plan.Read * p.InputVolume;
            bool isLast = strip < Plan.Strips - 1 || unit == p.Images * p.Groups - 1;
            t.Ahead = isLast ? new(planes, 0, null, 0) : new(Image + (unit + 1) * read, read * sizeof(T), To + (unit + 1) * made, made * sizeof(T));
            int blocks = Plan.FilterBlocks, tiles = (vectors + DirectTiles<T, V, S>.MostVectors - 1) / DirectTiles<T, V, S>.MostVectors;
            for (int b = 0; b < blocks; b++)
            {
                int k = b * Plan.Made / blocks, filters = (b + 1) * Plan.Made / blocks - k;
                t.Factors = (byte*)(weight + k * row);
                if (Bias != null) t.Bias = (byte*)(Bias + group * Plan.Made + k);
                delegate*<DirectArguments*, void>[] kernels = DirectTiles<T, V, S>.For(filters, areVectors: false, part: width < S.Count);
                T* x = planes , y = to + (nint)k * volume;
                for (int tile = 0, begin = 0, j = 0; tile < tiles; tile++)
                {
                    int end = (int)((tile + 1L) * vectors / tiles), n = 0;
                    for (; n < end - begin; n++)
                    {
                        // The last vector of a row overlaps the one before.
                        int column = Math.Min(j, last);
                        t.X[n] = (long)(x + column);
                        t.Y[n] = (long)(y + column);
                        j += S.Count;
                        if (j < width) continue;
                        j = 0;
                        x += step;
                        y += width;
                    }

                    kernels[n - 1](&t);
                    begin = end;
                }
            }
        }

        /// <summary>Where each element of a filter reads, and where it lies.</summary>
        private readonly void Fill(DirectStep* steps)
        {
            ConvolutionShape p = Plan.Shape;
            for (int c = 0; c < Plan.Read; c++)
                for (int a = 0, t = 0; a < p.Depth.Size; a++)
                    for (int r = 0; r < p.Plane.Vertical.Size; r++)
                        for (int s = 0; s < p.Plane.Horizontal.Size; s++, t++)
                        {
                            nint from = (nint)(c * p.Depth.Size + a) * Plan.Elements + Plan.Tap(r, s);
                            int factor = Plan.Reversed ? c * Plan.Made * p.Taps + p.Taps - 1 - t : c * p.Taps + t;
                            *steps++ = new() { Vector = (int)from * sizeof(T), Factor = factor * sizeof(T) };
                        }
        }
    }
}
