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
        Of<Resample>(Saves.Nothing, (c, op) => Tape.Apply(new ResampleTransposed(op, c.InputShape(0)), c.G));
        Of<ResampleTransposed>(Saves.Nothing, (c, op) => Tape.Apply(op.Forward, c.G));
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
