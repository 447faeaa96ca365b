using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddJoining()
    {
        Jointly<Concat>(Saves.Nothing, (c, op) =>
        {
            int axis = c.InputShape(0).Axis(op.Axis);
            long start = 0;
            for (int i = 0; i < c.InputCount; i++)
            {
                long length = c.InputShape(i)[axis];
                if (c.Needs(i)) c.Set(i, c.G.Slice(axis, start, length));
                start += length;
            }
        });
        Jointly<Split>(Saves.Nothing, (c, op) =>
        {
            Tensor[] parts = new Tensor[op.OutputCount];
            for (int j = 0; j < parts.Length; j++) parts[j] = c.Gradient(j);
            c.Set(0, Tensor.Concat(parts, op.Axis));
        });
        Of<Pad>(Saves.Nothing, (c, op) =>
        {
            Tensor g = c.G;
            for (int d = 0; d < g.Rank; d++)
                if (op.Before[d] != 0 || op.After[d] != 0) g = g.Slice(d, op.Before[d], c.InputShape(0)[d]);
            return g;
        });
        Of<EdgePad>(Saves.Nothing, (c, op) => Tape.Apply(new EdgePadGradient(op, c.InputShape(0)), c.G));
        Of<EdgePadGradient>(Saves.Nothing, (c, op) => Tape.Apply(op.Forward, c.G));
        Of<Triangle>(Saves.Nothing, (c, op) => Tape.Apply(op, c.G));
        Of<Cast>(Saves.Nothing, (c, op) => c.G.Cast(c.InputType(0)));
        Of<Transfer>(Saves.Nothing, (c, op) => Tape.Apply(new Transfer(op.Target, op.From), c.G));
        Jointly<Dropout>(Saves.Nothing, (c, op) =>
        {
            if (c.Needs(0)) c.Set(0, Tape.Apply(op, c.G));
            if (c.InputCount > 1 && c.Needs(1)) c.Set(1, c.G);
        });
        NotDifferentiable<Sequence>();
        NotDifferentiable<RandomUniform>();
        NotDifferentiable<RandomNormal>();
        NotDifferentiable<RandomBernoulli>();
        NotDifferentiable<RandomIntegers>();
        NotDifferentiable<RandomPermutation>();
        NotDifferentiable<Multinomial>();
    }
}
