using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddOrdering()
    {
        Of<CumulativeSum>(Saves.Nothing, (c, op) => Tape.Apply(op with { Reversed = !op.Reversed }, c.G));
        Of<CumulativeProduct>(Saves.Input0 | Saves.Output, (c, op) => c.CreatesGraph
            ? (c.G * c.Y).CumulativeSum(op.Axis, !op.Reversed) / c[0]
            : Tape.Apply(new CumulativeProductGradient(op.Axis, op.Reversed), c.G, c[0]));
        Jointly<CumulativeProductGradient>(Saves.Inputs, (c, op) =>
        {
            RequireLinear(c, nameof(CumulativeProduct));
            c.Set(0, c[1].CumulativeProduct(op.Axis, op.Reversed) * (c.G / c[1]).CumulativeSum(op.Axis, op.Reversed));
        });
        NotDifferentiable<ArgSort>();
    }
}
