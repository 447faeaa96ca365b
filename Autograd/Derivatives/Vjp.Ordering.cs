using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddOrdering()
    {
        Of<CumulativeSum>(Saves.Nothing, (c, op) => Tape.Apply(op with { Reversed = !op.Reversed }, c.G));
        NotDifferentiable<ArgSort>();
    }
}
