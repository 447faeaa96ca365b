using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// Winograd's algorithm where the filters outweigh the tiles, as behind a network's last reductions: first the image's transforms, one task per block of tile rows; then one
/// task per slice of the channels that are made, which transforms its filters a few channels at a time, multiplies all tiles by them and makes its part of the result. So
/// the filters are read once, and their transforms, four times as large, never leave L2.
/// </summary>
internal static unsafe class WinogradSlices<T, V, S, TTile>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile
{
    // Tasks that the images' transforms are cut into.
    private const int ReadTasks = 16;

    // Terms of the weight gradient's sums, which are tiles, that are added up one after the other.
    private const int Terms = 128;

    /// <summary>The result of a convolution, or its input gradient by a convolution with the filters back to front.</summary>
    public static void Run(in WinogradPlan plan, T* image, bool reversed, T* weight, T* bias, T* shared, T* to)
    {
        Read(plan, image, null, shared);
        Job job = new() { Plan = plan, Image = shared, Weight = weight, Bias = bias, Reversed = reversed, To = to };
        WindowDispatch.Share((long)plan.Groups * plan.Slices, plan.Products, ref job);
    }

    /// <summary>dw from x and g.</summary>
    public static void WeightGradient(in WinogradPlan plan, T* image, T* gradient, T* shared, T* weight)
    {
        Read(plan, image, gradient, shared);
        WeightJob job = new() { Plan = plan, Image = shared, Weight = weight };
        WindowDispatch.Share((long)plan.Groups * plan.Slices * job.Reads, plan.Products, ref job);
    }

    private static void Read(in WinogradPlan plan, T* image, T* gradient, T* shared)
    {
        ReadJob job = new() { Plan = plan, Image = image, Gradient = gradient, Shared = shared, Parts = Math.Clamp(plan.Rows, 1, ReadTasks) };
        WindowDispatch.Share((long)plan.Groups * job.Parts, (double)plan.SharedElements, ref job);
    }

    /// <summary>Where the gradient's transforms lie, behind all of the image's.</summary>
    private static T* Gradient(in WinogradPlan plan, T* shared, int group) => shared + plan.SharedElements + group * plan.Points * plan.ToStep;

    private struct ReadJob : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Image, Gradient, Shared;
        public int Parts;

        public readonly void Execute(int task)
        {
            int group = task / Parts, part = task % Parts, begin = (int)((long)part * Plan.Rows / Parts), end = (int)((part + 1L) * Plan.Rows / Parts);
            nint tile = (nint)begin * Plan.Read.TilesAcross;
            T* strip = (T*)WindowWorkspace.Rent(WinogradMaps<T, V, S>.StripElements(Plan) * sizeof(T));
            WinogradMaps<T, V, S>.ReadImage<TTile>(Plan, Image, group, 0, Plan.Channels, begin, end, strip, Shared + group * Plan.Points * Plan.FromStep + tile * Plan.FromRow);
            if (Gradient != null) WinogradMaps<T, V, S>.ReadGradient<TTile>(Plan, Gradient, group, begin, end, strip, Gradient(Plan, Shared, group) + tile * Plan.ToRow);
        }
    }

    private struct Job : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Image, Weight, Bias, To;
        public bool Reversed;

        public readonly void Execute(int task)
        {
            int group = task / Plan.Slices, first = task % Plan.Slices * Plan.Slice, made = Math.Min(Plan.Slice, Plan.To - first), tiles = Plan.Tiles;
            nint row = Plan.Slice, step = CacheLines.Odd(Plan.SliceReads * row), stepTo = CacheLines.Odd(tiles * row);
            T* filters = (T*)WindowWorkspace.Rent((Plan.Points * (step + stepTo) + WinogradMaps<T, V, S>.StripElements(Plan)) * sizeof(T));
            T* to = filters + Plan.Points * step, strip = to + Plan.Points * stepTo;
            GemmArguments<T> product = new()
            {
                M = tiles, N = made, Batch = Plan.Points, Chain = Plan.Chain,
                RowA = Plan.FromRow, ColA = 1, StepA = Plan.FromStep,
                B = filters, RowB = row, ColB = 1, StepB = step,
                C = to, RowC = row, ColC = 1, StepC = stepTo,
            };
            for (int c = 0; c < Plan.From; c += Plan.SliceReads)
            {
                product.K = Math.Min(Plan.SliceReads, Plan.From - c);
                product.A = Image + group * Plan.Points * Plan.FromStep + c;
                WinogradFilters<T, V, S, TTile>.TransformPart(Plan, Reversed, Weight, group, first, made, c, c + product.K, filters, row, step);
                Gemm.Run<T, V, S>(product, Gemm.OwnThread);
                product.Accumulate = true;
            }

            WinogradMaps<T, V, S>.WritePart<TTile>(Plan, to, row, stepTo, Bias, group * Plan.To + first, made, 0, Plan.Rows, strip, To);
        }
    }

    private struct WeightJob : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Image, Weight;

        public readonly int Reads => (Plan.From + Plan.SliceReads - 1) / Plan.SliceReads;

        public readonly void Execute(int task)
        {
            int c = task % Reads * Plan.SliceReads, slice = task / Reads % Plan.Slices, group = task / Reads / Plan.Slices;
            int first = slice * Plan.Slice, made = Math.Min(Plan.Slice, Plan.To - first), channels = Math.Min(Plan.SliceReads, Plan.From - c);
            nint row = Plan.Slice, step = CacheLines.Odd(Plan.SliceReads * row);
            T* sums = (T*)WindowWorkspace.Rent(Plan.Points * step * sizeof(T));
            Gemm.Run<T, V, S>(new()
            {
                M = channels, N = made, K = Plan.Tiles, Batch = Plan.Points, Chain = Terms,
                A = Image + group * Plan.Points * Plan.FromStep + c, RowA = 1, ColA = Plan.FromRow, StepA = Plan.FromStep,
                B = Gradient(Plan, Image, group) + first, RowB = Plan.ToRow, ColB = 1, StepB = Plan.ToStep,
                C = sums, RowC = row, ColC = 1, StepC = step,
            }, Gemm.OwnThread);
            WinogradFilters<T, V, S, TTile>.GradientPart(Plan, sums, row, step, Weight, group, first, made, c, c + channels);
        }
    }
}
