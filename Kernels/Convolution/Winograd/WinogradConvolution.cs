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
    /// <summary>y from x and the weight.</summary>
    public static void Forward(in ConvolutionArguments p)
    {
        WinogradPlan plan = WinogradPlan.ForForward(p.Shape, TTile.Size);
        if (plan.IsSliced)
        {
            WinogradSlices<T, V, S, TTile>.Run(plan, (T*)p.X, reversed: false, (T*)p.Weight, (T*)p.Bias, (T*)p.Shared, (T*)p.Y);
            return;
        }

        WinogradFilters<T, V, S, TTile>.Transform(plan, (T*)p.Weight, (T*)p.Shared);
        Run(plan, (T*)p.X, (T*)p.Shared, (T*)p.Bias, (T*)p.Y);
    }

    /// <summary>dx from g and the weight.</summary>
    public static void InputGradient(in ConvolutionArguments p)
    {
        WinogradPlan plan = WinogradPlan.ForInputGradient(p.Shape, TTile.Size);
        if (plan.IsSliced)
        {
            WinogradSlices<T, V, S, TTile>.Run(plan, (T*)p.Y, reversed: true, (T*)p.Weight, null, (T*)p.Shared, (T*)p.X);
            return;
        }

        WinogradFilters<T, V, S, TTile>.TransformReversed(plan, (T*)p.Weight, (T*)p.Shared);
        Run(plan, (T*)p.Y, (T*)p.Shared, null, (T*)p.X);
    }

    private static void Run(in WinogradPlan plan, T* image, T* filters, T* bias, T* to)
    {
        Job job = new() { Plan = plan, Image = image, Filters = filters, Bias = bias, To = to };
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
            }, ConvolutionForward.OwnThread);
            WinogradMaps<T, V, S>.Write<TTile>(Plan, to, Bias, group, begin, end, strip, To);
        }
    }
}
