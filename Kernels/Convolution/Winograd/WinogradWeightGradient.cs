using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// The weight gradient of such convolutions, the transpose of Winograd's algorithm: at each point [planes read, tiles] · [tiles, filters], from the transforms of image and
/// gradient. One task per part of the tile rows, group and chunk of channels; the parts' sums are then added in order and transformed back.
/// </summary>
internal static unsafe class WinogradWeightGradient<T, V, S, TTile>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile
{
    /// <summary>dw from x and g.</summary>
    public static void Run(in ConvolutionArguments p)
    {
        WinogradPlan plan = WinogradPlan.ForWeightGradient(p.Shape, TTile.Size);
        if (plan.IsSliced)
        {
            WinogradSlices<T, V, S, TTile>.WeightGradient(plan, (T*)p.X, (T*)p.Y, (T*)p.Shared, (T*)p.Weight);
            return;
        }

        Job job = new() { Plan = plan, Image = (T*)p.X, Gradient = (T*)p.Y, Sums = (T*)p.Shared };
        WindowDispatch.Share((long)plan.Parts * plan.Groups * plan.Chunks, plan.Products, ref job);
        WinogradFilters<T, V, S, TTile>.Gradient(plan, (T*)p.Shared, plan.Parts, (T*)p.Weight);
    }

    private struct Job : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Image, Gradient, Sums;

        public readonly void Execute(int task)
        {
            int chunk = task % Plan.Chunks, group = task / Plan.Chunks % Plan.Groups, part = task / Plan.Chunks / Plan.Groups;
            int first = chunk * Plan.ChunkChannels, planes = Math.Min(Plan.ChunkChannels, Plan.From - first);
            nint read = Plan.Points * Plan.FromStep, made = Plan.Points * Plan.ToStep;
            T* image = (T*)WindowWorkspace.Rent((read + made + WinogradMaps<T, V, S>.StripElements(Plan)) * sizeof(T)), gradient = image + read, strip = gradient + made;
            GemmArguments<T> product = new()
            {
                M = planes, N = Plan.To, Batch = Plan.Points,
                A = image, RowA = 1, ColA = Plan.FromRow, StepA = Plan.FromStep,
                B = gradient, RowB = Plan.ToRow, ColB = 1, StepB = Plan.ToStep,
                C = Sums + part * Plan.FilterElements + group * Plan.Points * Plan.FilterStep + (nint)first * Plan.ToRow, RowC = Plan.ToRow, ColC = 1, StepC = Plan.FilterStep,
            };
            int last = (int)((part + 1L) * Plan.Blocks / Plan.Parts);
            for (int block = (int)((long)part * Plan.Blocks / Plan.Parts); block < last; block++)
            {
                int begin = block * Plan.BlockRows, end = Math.Min(begin + Plan.BlockRows, Plan.Rows);
                WinogradMaps<T, V, S>.ReadImage<TTile>(Plan, Image, group, first, Math.Min(planes, Plan.Channels), begin, end, strip, image);
                WinogradMaps<T, V, S>.ReadGradient<TTile>(Plan, Gradient, group, begin, end, strip, gradient);
                product.K = (end - begin) * Plan.Read.TilesAcross;
                Gemm.Run<T, V, S>(product, Gemm.OwnThread);
                product.Accumulate = true;
            }
        }
    }
}
