using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The planes of a strip with their borders. With stride 1 rows begin at whole vectors, and a row's left border is the end of the row before: then a third of the loads
/// cross no cache line, and no border is written by itself. Other strides have the phases of <see cref="WindowPlane"/>.
/// </summary>
internal static unsafe class DirectPlanes<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Elements before the first plane: room for its first row's left border, in whole vectors.</summary>
    public static int Lead(in DirectPlan plan) => (plan.LeftBorder + S.Count - 1) / S.Count * S.Count;

    /// <summary>Elements of the planes, with what is read before and behind them.</summary>
    public static int Elements(in DirectPlan plan) => Lead(plan) + plan.Planes * plan.Elements + 2 * S.Count;

    /// <summary>Brings what <paramref name="rows"/> output rows read of a group's channels, at output plane d.</summary>
    /// <param name="plan">The convolution.</param>
    /// <param name="image">The group's channels.</param>
    /// <param name="d">The output plane.</param>
    /// <param name="first">The first output row.</param>
    /// <param name="rows">The number of output rows.</param>
    /// <param name="to">The first plane, <see cref="Lead"/> elements behind the beginning.</param>
    public static void Load(in DirectPlan plan, T* image, int d, int first, int rows, T* to)
    {
        ConvolutionShape p = plan.Shape;
        int read = p.Plane.RowsFor(rows);
        for (int c = 0; c < plan.Read; c++)
            for (int a = 0; a < p.Depth.Size; a++, to += plan.Elements)
            {
                // The last strip may leave room between the planes: what lies before one is not always the end of a row.
                for (int i = 1; i <= plan.LeftBorder; i++) to[-i] = T.Zero;
                int z = p.InputPlane(d, a);
                T* from = image + (nint)c * p.InputVolume + (nint)z * p.Plane.ImagePixels;
                if (z < 0) PlaneCopy<T, V, S>.Fill(to, read * plan.Row, S.Constant(0));
                else if (plan.IsAligned) Rows(p.Plane, from, first * p.Plane.Vertical.Stride, read, to, plan.Row);
                else PlaneCopy<T, V, S>.Load(p.Plane, from, first * p.Plane.Vertical.Stride, read, to, default);
            }
    }

    [MethodImpl(HotLoop.Options)]
    private static void Rows(in WindowPlane w, T* image, int first, int rows, T* to, int row)
    {
        int width = w.Width, height = w.Height, whole = width - width % S.Count, rest = width - whole;
        for (int y = first - w.Vertical.Padding, end = y + rows; y < end; y++, to += row)
        {
            T* from = image + (nint)y * width;
            int i = 0;
            if ((uint)y < (uint)height)
            {
                for (; i < whole; i += S.Count) S.Store(to + i, S.Load(from + i));
                if (rest > 0)
                {
                    S.Store(to + i, S.LoadPart(from + i, rest));
                    i += S.Count;
                }
            }

            for (; i < row; i += S.Count) S.Store(to + i, S.Constant(0));
        }
    }
}
