using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddElementwise()
    {
        Of<Binary<Add>>((Saves.Nothing, c => c.G), (Saves.Nothing, c => c.G));
        Of<Binary<Subtract>>((Saves.Nothing, c => c.G), (Saves.Nothing, c => -c.G));
        Of<Binary<Multiply>>((Saves.Input1, c => c.G * c[1]), (Saves.Input0, c => c.G * c[0]));
        Of<BinaryScalar<Add>>(Saves.Nothing, (c, op) => c.G);
        Of<BinaryScalar<Subtract>>(Saves.Nothing, (c, op) => op.ScalarFirst ? -c.G : c.G);
        Of<BinaryScalar<Multiply>>(Saves.Nothing, (c, op) => c.G * op.Value);
        Of<Unary<Negate>>(Saves.Nothing, c => -c.G);
        Of<Unary<Relu>>(Saves.Output, c => Tape.Apply(Binary<ReluGradient>.Instance, c.G, c.Y));
        Of<Binary<ReluGradient>>((Saves.Input1, c => Tape.Apply(Binary<ReluGradient>.Instance, c.G, c[1])), (Saves.Input1, c => c[1] * 0));
        Of<Copy>(Saves.Nothing, c => c.G);
    }
}
