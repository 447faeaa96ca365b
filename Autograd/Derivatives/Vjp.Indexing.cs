using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddIndexing()
    {
        Of<Gather>((Saves.Input1, c => Tape.Apply(new ScatterSum(((Gather)c.Op).Axis, c.InputShape(0)[((Gather)c.Op).Axis]), c.G, c[1])));
        Of<ScatterSum>((Saves.Input1, c => Tape.Apply(new Gather(((ScatterSum)c.Op).Axis), c.G, c[1])));
        Of<IndexSelect>((Saves.Input1, c => Tape.Apply(new IndexSum(((IndexSelect)c.Op).Axis, c.InputShape(0)[((IndexSelect)c.Op).Axis]), c.G, c[1])));
        Of<IndexSum>((Saves.Input1, c => Tape.Apply(new IndexSelect(((IndexSum)c.Op).Axis), c.G, c[1])));
        Jointly<IndexPut>(Saves.Input2, (c, op) =>
        {
            if (c.Needs(0)) c.Set(0, Tape.Apply(op, c.G, Tensor.Zeros(c.InputShape(1), c.G.DType, c.G.Accelerator), c[2]));
            if (!c.Needs(1)) return;
            Tensor picked = c.G.IndexSelect(op.Axis, c[2]);
            int axis = c.InputShape(0).Axis(op.Axis), behind = picked.Rank - 1 - axis;
            c.Set(1, picked.MaskedFill(c.Kept(0).Reshape((ReadOnlySpan<long>)[-1, .. Enumerable.Repeat(1L, behind)]), 0, filled: false));
        });
        Jointly<ViewPut>(Saves.Nothing, (c, op) =>
        {
            if (c.Needs(0)) c.Set(0, Tape.Apply(op, c.G, Tensor.Zeros([], c.G.DType, c.G.Accelerator)));
            if (!c.Needs(1)) return;
            Tensor part = c.G;
            foreach (ViewOp view in op.Views) part = Tape.Apply(view, part);
            c.Set(1, part);
        });
        Of<Where>((Saves.Nothing, c => c.G), (Saves.Input0, c => c.G.MaskedFill(c[0], 0, filled: false)), (Saves.Input0, c => c.G.MaskedFill(c[0], 0)));
        Of<MaskedFill>((Saves.Input1, c => c.G.MaskedFill(c[1], 0, ((MaskedFill)c.Op).Filled)));
        Of<Diagonal>(Saves.Nothing, (c, op) => Tape.Apply(new DiagonalBackward(op, c.InputShape(0)), c.G));
        Of<DiagonalBackward>(Saves.Nothing, (c, op) => Tape.Apply(op.Diagonal, c.G));
        NotDifferentiable<Nonzero>();
        NotDifferentiable<OneHot>();
    }
}
