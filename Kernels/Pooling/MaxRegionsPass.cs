using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>The operands of a maximum of regions, row-major.</summary>
internal struct MaxRegionsArguments
{
    public SpatialPlan Plan;
    public nint Image, Maxima, Index, Draws;
    public int Axes;
}

/// <summary>
/// Per row of the result: first the maximum of every column over the region's slices and rows, whole rows at a time; then along the row the maximum over the
/// region's columns. Beside each maximum goes the number of its row in the region, so that the first of equals (and the last of NaNs) is found.
/// </summary>
internal readonly unsafe struct MaxRegionsPass : IWindowPass<MaxRegionsArguments>
{
    public static void Run<T, V, S>(ref MaxRegionsArguments p) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        Job<T, V, S> job = new() { P = p };
        WindowDispatch.Share(p.Plan.Tasks, 2.0 * p.Plan.Planes * Math.Max(p.Plan.InputPixels, p.Plan.OutputPixels), ref job);
    }

    private struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public MaxRegionsArguments P;

        public readonly void Execute(int task)
        {
            SpatialPlan plan = P.Plan;
            int width = (int)plan.Width.Input;
            T* best = (T*)WindowWorkspace.Rent(2 * (nint)width * sizeof(T) + (nint)plan.Width.Output * sizeof(AxisSpan)), place = best + width;
            AxisSpan* columns = (AxisSpan*)(place + width);
            for (int plane = task * plan.TaskPlanes, end = Math.Min(plan.Planes, plane + plan.TaskPlanes), done = 0; plane < end; plane++, done++)
            {
                // The draws of missing axes are not looked at.
                long* draws = (long*)P.Draws + (nint)plane * P.Axes + P.Axes - 3;
                bool random = P.Draws != 0;
                if (random || done == 0)
                    for (int j = 0; j < plan.Width.Output; j++) columns[j] = plan.Width.Span(j, random ? draws[2] : 0);
                T* x = (T*)P.Image + (nint)plane * (nint)plan.InputPixels, y = (T*)P.Maxima + (nint)plane * (nint)plan.OutputPixels;
                long* index = P.Index == 0 ? null : (long*)P.Index + (nint)plane * (nint)plan.OutputPixels;
                for (int d = 0; d < plan.Depth.Output; d++)
                {
                    AxisSpan slices = plan.Depth.Span(d, random && plan.Depth.Rule == AxisRule.Random ? draws[0] : 0);
                    for (int h = 0; h < plan.Height.Output; h++)
                    {
                        AxisSpan rows = plan.Height.Span(h, random && plan.Height.Rule == AxisRule.Random ? draws[1] : 0);
                        Columns(x, slices, rows, best, place);
                        Row(slices, rows, best, place, columns, y, index);
                        y += plan.Width.Output;
                        if (index != null) index += plan.Width.Output;
                    }
                }
            }
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Columns(T* x, AxisSpan slices, AxisSpan rows, T* best, T* place)
        {
            nint width = (nint)P.Plan.Width.Input, down = width * (nint)P.Plan.Height.Dilation, deeper = width * (nint)P.Plan.Height.Input * (nint)P.Plan.Depth.Dilation;
            x += ((nint)slices.First * (nint)P.Plan.Height.Input + rows.First) * width;
            V one = S.Constant(1);
            for (nint w = 0; w < width; w += S.Count)
            {
                int lanes = (int)Math.Min(S.Count, width - w);
                V most = S.Constant(double.NegativeInfinity), at = S.Constant(0), position = at;
                for (int d = 0; d < slices.Count; d++)
                {
                    for (int h = 0; h < rows.Count; h++)
                    {
                        T* from = x + d * deeper + h * down + w;
                        V v = Lanes.Load<T, V, S>(from, lanes), more = S.Or(S.Less(most, v), S.IsNaN(v));
                        most = S.Select(more, v, most);
                        at = S.Select(more, position, at);
                        position = S.Add(position, one);
                    }
                }

                S.StorePart(best + w, lanes, most);
                S.StorePart(place + w, lanes, at);
            }
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Row(AxisSpan slices, AxisSpan rows, T* best, T* place, AxisSpan* columns, T* y, long* index)
        {
            SpatialPlan plan = P.Plan;
            int dilation = (int)plan.Width.Dilation;
            for (int j = 0; j < plan.Width.Output; j++)
            {
                int column = columns[j].First;
                T most = best[column], at = place[column];
                for (int t = 1, c = column + dilation; t < columns[j].Count; t++, c += dilation)
                {
                    T v = best[c];
                    if (!(v > most || (v == most && place[c] < at) || (T.IsNaN(v) && (!T.IsNaN(most) || place[c] >= at)))) continue;
                    (most, at, column) = (v, place[c], c);
                }

                y[j] = most;
                if (index == null) continue;
                (int slice, int row) = Math.DivRem(int.CreateTruncating(at), rows.Count);
                index[j] = ((slices.First + slice * plan.Depth.Dilation) * plan.Height.Input + rows.First + row * plan.Height.Dilation) * plan.Width.Input + column;
            }
        }
    }
}

/// <summary>Adds, plane by plane and in order, each gradient to the place of its maximum.</summary>
internal unsafe struct PlaneScatter : IFloatingAction
{
    public SpatialPlan Plan;
    public nint Gradient, Index, Image;

    public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Job<T> job = new() { P = this };
        WindowDispatch.Share(Plan.Tasks, (double)Plan.Planes * (Plan.InputPixels + Plan.OutputPixels), ref job);
    }

    private struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public PlaneScatter P;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            nint from = (nint)P.Plan.OutputPixels, to = (nint)P.Plan.InputPixels;
            for (int plane = task * P.Plan.TaskPlanes, end = Math.Min(P.Plan.Planes, plane + P.Plan.TaskPlanes); plane < end; plane++)
            {
                T* dx = (T*)P.Image + plane * to, g = (T*)P.Gradient + plane * from;
                long* index = (long*)P.Index + plane * from;
                NativeMemory.Clear(dx, (nuint)(to * sizeof(T)));
                for (nint i = 0; i < from; i++) dx[index[i]] += g[i];
            }
        }
    }
}
