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
        Jointly<ScatterReduce>(Saves.Inputs | Saves.Output, ScatterReduceGradient);
        NotDifferentiable<Nonzero>();
        NotDifferentiable<OneHot>();
    }

    private static void ScatterReduceGradient(VjpContext c, ScatterReduce op)
    {
        Tensor x = c[0], source = c[1], index = c[2], arrived = c.Kept(0), replaced = arrived > 0;
        Tensor At(Tensor places) => places.Gather(op.Axis, index);
        Tensor Gathered(Tensor numbers) => Tape.Apply(new ScatterSum(op.Axis, x.Shape[op.Axis]), numbers, index);
        Tensor Own(Tensor gradient) => op.IncludesSelf ? gradient : gradient.MaskedFill(replaced, 0);
        switch (op.Reduction)
        {
            case ScatterReduction.Sum or ScatterReduction.Mean:
                Tensor g = op.Reduction == ScatterReduction.Sum ? c.G : c.G / (op.IncludesSelf ? arrived + 1 : arrived.Maximum(1));
                c.Set(0, Own(g));
                c.Set(1, At(g));
                break;

            case ScatterReduction.Max or ScatterReduction.Min:
                // Numbers that attain the extreme together share its gradient equally.
                Tensor first = Own(x.EqualTo(c.Y).Cast(x.DType)), others = source.EqualTo(At(c.Y)).Cast(x.DType);
                Tensor share = Tape.Apply(Binary<SafeDivide>.Instance, c.G, first + Gathered(others));
                c.Set(0, first * share);
                c.Set(1, others * At(share));
                break;

            default:
                // Each factor's slope is the product of the others: that of all but zeros over the factor if there is no zero, or that product itself for the only zero.
                Tensor zeros = source.EqualTo(0), ownZero = x.EqualTo(0), factors = source.MaskedFill(zeros, 1), ownFactor = x.MaskedFill(ownZero, 1);
                Tensor product = ownFactor.ScatterReduce(op.Axis, index, factors, ScatterReduction.Product, op.IncludesSelf);
                Tensor count = Gathered(zeros.Cast(x.DType)) + Own(ownZero.Cast(x.DType));
                Tensor none = product.MaskedFill(count.NotEqualTo(0), 0) * c.G, one = product.MaskedFill(count.NotEqualTo(1), 0) * c.G;
                c.Set(0, Own(Tensor.Where(ownZero, one, none / ownFactor)));
                c.Set(1, Tensor.Where(zeros, At(one), At(none) / factors));
                break;
        }
    }
}
