using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// Convolutions of 3×3 filters with stride 1, or of volumes by such that are several planes deep, as (m + 2)² matrix products [tiles, planes read] · [planes read, channels
/// made], one per point of the tiles' transforms; one task per block of tile rows. The transforms exist in a thread's workspace, a block at a time; only the filters' are
/// kept for the whole pass.
/// </summary>
internal static unsafe class WinogradConvolution<T, V, S, TTile>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile
{
    /// <summary>y from x and the weight, or dx from g and the weight.</summary>
    public static void Run(in ConvolutionArguments p, bool reversed)
    {
        WinogradPlan plan = WinogradPlan.ForImages(p.Shape.Directed(reversed), TTile.Size);
        T* image = (T*)p.Read(reversed), weight = (T*)p.Weight, bias = (T*)p.Bias, shared = (T*)p.Shared, to = (T*)p.Made(reversed);
        if (plan.IsSliced)
        {
            WinogradSlices<T, V, S, TTile>.Run(plan, image, reversed, weight, bias, shared, to);
            return;
        }

        WinogradFilters<T, V, S, TTile>.Transform(plan, reversed, weight, shared);
        Job job = new() { Plan = plan, Image = image, Filters = shared, Bias = bias, To = to };
        WindowDispatch.Share((long)plan.Groups * plan.Blocks, plan.Products, ref job);
    }

    private struct Job : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Image, Filters, Bias, To;

        public readonly void Execute(int task)
        {
            int group = task / Plan.Blocks, begin = task % Plan.Blocks * Plan.BlockRows, end = Math.Min(begin + Plan.BlockRows, Plan.Rows);
            nint read = Plan.Points * Plan.FromStep, made = Plan.Points * Plan.ToStep;
            T* from = (T*)WindowWorkspace.Rent((read + made + WinogradMaps<T, V, S>.StripElements(Plan)) * sizeof(T)), to = from + read, strip = to + made;
            WinogradMaps<T, V, S>.ReadImage<TTile>(Plan, Image, group, 0, Plan.Channels, begin, end, strip, from);
            Gemm.Run<T, V, S>(new()
            {
                M = (end - begin) * Plan.Read.TilesAcross, N = Plan.To, K = Plan.From, Batch = Plan.Points, Chain = Plan.Chain,
                A = from, RowA = Plan.FromRow, ColA = 1, StepA = Plan.FromStep,
                B = Filters + group * Plan.Points * Plan.FilterStep, RowB = Plan.ToRow, ColB = 1, StepB = Plan.FilterStep,
                C = to, RowC = Plan.ToRow, ColC = 1, StepC = Plan.ToStep,
            }, Gemm.OwnThread);
            WinogradMaps<T, V, S>.Write<TTile>(Plan, to, Bias, group, begin, end, strip, To);
        }
    }
}
