using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddSampling()
    {
        Of<MaxRegions>((Saves.Input1 | Saves.Kept, c => MaxRegionsGradient(c, (MaxRegions)c.Op)));
        Of<MaxRegionsWithIndex>((Saves.Input1 | Saves.Output, c => MaxRegionsGradient(c, ((MaxRegionsWithIndex)c.Op).Regions)));
        Of<MaxRegionsGradient>((Saves.Input1, c => Picked(c.G, c[1])));
        Of<MaxUnpool>(Saves.Input1, (c, op) => Picked(c.G, c[1]).MaskedFill(c.Kept(0), 0, filled: false));
        Of<Unfold>(Saves.Nothing, (c, op) => Tape.Apply(new Fold(op, c.InputShape(0)), c.G));
        Of<Fold>(Saves.Nothing, (c, op) => Tape.Apply(op.Unfold, c.G));
        Of<Resample>(Saves.Nothing, (c, op) => Tape.Apply(new ResampleTransposed(op, c.InputShape(0)), c.G));
        Of<ResampleTransposed>(Saves.Nothing, (c, op) => Tape.Apply(op.Forward, c.G));
        Of<GridSample>(
            (Saves.Input1, c => Tape.Apply(new GridSampleTransposed((GridSample)c.Op, c.InputShape(0)), c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c => GridGradient((GridSample)c.Op, c[0], c[1], c.G)));
        // <u, transposed(g)> = <sample(u), g>: its derivative by the grid is that of a sampling of u.
        Of<GridSampleTransposed>(
            (Saves.Input1, c => Tape.Apply(((GridSampleTransposed)c.Op).Forward, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c => GridGradient(((GridSampleTransposed)c.Op).Forward, c.G, c[1], c[0])));
        Of<RoiAlign>((Saves.Input1, c => Tape.Apply(new RoiAlignTransposed((RoiAlign)c.Op, c.InputShape(0)), c.G, c[1])), ConstantBoxes);
        Of<RoiAlignTransposed>((Saves.Input1, c => Tape.Apply(((RoiAlignTransposed)c.Op).Forward, c.G, c[1])), ConstantBoxes);
        Of<RoiPool>((Saves.Kept, c => Scattered(c.G, c.Kept(0), c.InputShape(0))), ConstantBoxes);
        NotDifferentiable<SuppressOverlaps>();
    }

    private static (Saves Saves, Func<VjpContext, Tensor> Gradient) ConstantBoxes => (Saves.Nothing, static c
        => throw new TapeException($"{c.Op.Name}: boxes are constants and have no derivative, but a gradient was asked for. Pass boxes.Detach()."));

    /// <summary>
    /// Σ over channels of g times the sampling's derivative by each coordinate. The weights are linear in a coordinate, so a second derivative by it is 0.
    /// </summary>
    private static Tensor GridGradient(GridSample op, Tensor x, Tensor grid, Tensor g)
    {
        Tensor By(GridSample derivative) => op.Linear && derivative.OrderX < 2 && derivative.OrderY < 2
            ? (g * Tape.Apply(derivative, x, grid)).Sum(1) : Tensor.Zeros([grid.Shape[0], grid.Shape[1], grid.Shape[2]], g.DType, g.Accelerator);
        return Tensor.Stack([By(op with { OrderX = op.OrderX + 1 }), By(op with { OrderY = op.OrderY + 1 })], 3);
    }

    /// <summary>Adds each element to the place of the result that it came from, counted through; −1 for none.</summary>
    private static Tensor Scattered(Tensor g, Tensor places, Shape result)
    {
        Tensor flat = g.MaskedFill(places < 0, 0).Reshape(-1), at = places.Maximum(0).Reshape(-1);
        return Tape.Apply(new ScatterSum(0, result.Count), flat, at).Reshape(result);
    }

    private static Tensor MaxRegionsGradient(VjpContext c, MaxRegions op)
    {
        MaxRegionsGradient gradient = new(op, c.InputShape(0));
        return c.InputCount == 1 ? Tape.Apply(gradient, c.G, c.Output(1)) : Tape.Apply(gradient, c.G, c.Output(1), c[1]);
    }

    /// <summary>Of each plane the elements at these places: x [N, C, …], index [N, C, …] → the index's shape.</summary>
    private static Tensor Picked(Tensor x, Tensor index) => ByPlane(x).Gather(1, ByPlane(index)).Reshape(index.Shape);

    /// <summary>[N, C, …] as [N · C, elements].</summary>
    private static Tensor ByPlane(Tensor x)
    {
        long planes = x.Shape[0] * x.Shape[1];
        return x.Reshape(planes, planes == 0 ? 0 : x.Count / planes);
    }
}
