using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddViews()
    {
        Of<Reshape>(Saves.Nothing, c => c.G.Reshape(c.InputShape(0)));
        Of<Permute>(Saves.Nothing, (c, op) => c.G.Permute(op.Inverse()));
        Of<Expand>(Saves.Nothing, c => c.G.SumTo(c.InputShape(0)));
        Of<Squeeze>(Saves.Nothing, c => c.G.Reshape(c.InputShape(0)));
        Of<Unsqueeze>(Saves.Nothing, c => c.G.Reshape(c.InputShape(0)));
        Of<Slice>(Saves.Nothing, (c, op) => Tape.Apply(new SliceBackward(op, c.InputShape(0)), c.G));
        Of<SliceBackward>(Saves.Nothing, (c, op) => Tape.Apply(op.Slice, c.G));
        Of<Select>(Saves.Nothing, (c, op) => Tape.Apply(new SelectBackward(op, c.InputShape(0)), c.G));
        Of<SelectBackward>(Saves.Nothing, (c, op) => Tape.Apply(op.Select, c.G));
    }
}
