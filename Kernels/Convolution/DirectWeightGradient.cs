using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The filters' gradient of a direct convolution: a vector of sums over pixels for each element of up to four filters, to which the strips of all images are added. A
/// task owns a block of images and of a group's filters; the blocks' sums are then added in order.
/// </summary>
internal static unsafe class DirectWeightGradient<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    private const int MostFilters = DirectArguments.MostFactors;

    /// <summary>dw from x and g.</summary>
    public static void Run(in ConvolutionArguments p)
    {
        DirectPlan plan = new(p.Shape, false, sizeof(T), S.Count);
        int blocks = plan.ImageBlocks;
        Job job = new() { Plan = plan, Image = (T*)p.X, Gradient = (T*)p.Y, Sums = (T*)(blocks == 1 ? p.Weight : p.Shared) };
        WindowDispatch.Share((long)blocks * p.Shape.Groups * plan.FilterBlocks, p.Shape.Products, ref job);
        if (blocks > 1) Combine((T*)p.Shared, blocks, (nint)p.Shape.Weight.Count, (T*)p.Weight);
    }

    /// <summary>Adds up the blocks' sums: a few thousand elements.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Combine(T* sums, int blocks, nint count, T* weight)
    {
        for (nint i = 0; i < count; i++)
        {
            T sum = sums[i];
            for (int b = 1; b < blocks; b++) sum += sums[b * count + i];
            weight[i] = sum;
        }
    }

    private struct Job : IParallelJob
    {
        public DirectPlan Plan;
        public T* Image, Gradient, Sums;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ConvolutionShape p = Plan.Shape;
            WindowPlane w = p.Plane;
            int filterBlock = task % Plan.FilterBlocks, group = task / Plan.FilterBlocks % p.Groups, block = task / Plan.FilterBlocks / p.Groups;
            int k = filterBlock * Plan.Made / Plan.FilterBlocks, filters = (filterBlock + 1) * Plan.Made / Plan.FilterBlocks - k, terms = Plan.Terms;
            int whole = w.OutputWidth / S.Count, rest = w.OutputWidth % S.Count, steps = Plan.Rows * (whole + (rest > 0 ? 1 : 0));

            int sumElements = terms * MostFilters * S.Count, elements = DirectPlanes<T, V, S>.Elements(Plan);
            T* sums = (T*)WindowWorkspace.Rent((sumElements + elements) * sizeof(T) + terms * sizeof(int) + steps * sizeof(DirectStep)), planes = sums + sumElements + DirectPlanes<T, V, S>.Lead(Plan);
            DirectStep* wholeSteps = (DirectStep*)(sums + sumElements + elements), partSteps = wholeSteps + Plan.Rows * whole;
            int* offsets = (int*)(wholeSteps + steps);
            Fill(wholeSteps, whole, partSteps, offsets);
            PlaneCopy<T, V, S>.Fill(sums, sumElements, S.Constant(0));

            DirectArguments t = new() { FactorRow = (nint)p.OutputVolume * sizeof(T), RowY = S.Count * sizeof(T), Lanes = rest };
            int begin = (int)((long)block * p.Images / Plan.ImageBlocks), end = (int)((block + 1L) * p.Images / Plan.ImageBlocks);
            for (int n = begin; n < end; n++)
                for (int d = 0; d < p.OutputDepth; d++)
                    for (int strip = 0; strip < Plan.Strips; strip++)
                    {
                        int first = Plan.FirstRow(strip), rows = Plan.FirstRow(strip + 1) - first;
                        nint unit = (nint)n * p.Groups + group;
                        DirectPlanes<T, V, S>.Load(Plan, Image + unit * Plan.Read * p.InputVolume, d, first, rows, planes);
                        t.Factors = (byte*)(Gradient + (unit * Plan.Made + k) * p.OutputVolume + (nint)d * w.OutputPixels + (nint)first * w.OutputWidth);
                        t.Ahead = new(planes, 0, null, 0);
                        if (strip == Plan.Strips - 1 && n < end - 1)
                        {
                            nint next = unit + p.Groups;
                            t.Ahead = new(Image + next * Plan.Read * p.InputVolume, (nint)Plan.Read * p.InputVolume * sizeof(T),
                                Gradient + (next * Plan.Made + k) * p.OutputVolume, (nint)filters * p.OutputVolume * sizeof(T));
                        }

                        Add(ref t, wholeSteps, rows * whole, false, offsets, planes, sums, filters);
                        if (rest > 0) Add(ref t, partSteps, rows, true, offsets, planes, sums, filters);
                    }

            T* to = Sums + (((nint)block * p.Groups + group) * Plan.Made + k) * terms;
            for (int f = 0; f < filters; f++)
                for (int i = 0; i < terms; i++) *to++ = S.Sum(S.Load(sums + (i * MostFilters + f) * S.Count));
        }

        /// <summary>Adds the products of a strip's gradient with what each element of the filters reads.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void Add(ref DirectArguments t, DirectStep* steps, int count, bool part, int* offsets, T* planes, T* sums, int filters)
        {
            if (count == 0) return;
            t.Steps = steps;
            t.Count = count;
            delegate*<DirectArguments*, void>[] kernels = DirectTiles<T, V, S>.For(filters, areVectors: true, part);
            int terms = Plan.Terms, most = DirectTiles<T, V, S>.MostVectors, tiles = (terms + most - 1) / most;
            for (int tile = 0, i = 0; tile < tiles; tile++)
            {
                int begin = i, end = (tile + 1) * terms / tiles;
                for (; i < end; i++)
                {
                    t.X[i - begin] = (long)(planes + offsets[i]);
                    t.Y[i - begin] = (long)(sums + i * MostFilters * S.Count);
                }

                kernels[end - begin - 1]((DirectArguments*)Unsafe.AsPointer(ref t));
            }
        }

        /// <summary>The pixels of a strip, in vectors and what is left of each row, and where each element of a filter reads.</summary>
        private readonly void Fill(DirectStep* wholeSteps, int whole, DirectStep* partSteps, int* offsets)
        {
            ConvolutionShape p = Plan.Shape;
            for (int i = 0; i < Plan.Rows; i++)
                for (int j = 0; j <= whole; j++)
                {
                    DirectStep step = new() { Vector = ((int)(i * Plan.OutputStep) + j * S.Count) * sizeof(T), Factor = (i * p.Plane.OutputWidth + j * S.Count) * sizeof(T) };
                    if (j < whole) *wholeSteps++ = step;
                    else if (j * S.Count < p.Plane.OutputWidth) *partSteps++ = step;
                }

            for (int q = 0; q < Plan.Planes; q++)
                for (int r = 0; r < p.Plane.Vertical.Size; r++)
                    for (int s = 0; s < p.Plane.Horizontal.Size; s++) *offsets++ = q * Plan.Elements + (int)Plan.Tap(r, s);
        }
    }
}
