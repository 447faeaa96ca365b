using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddReductions()
    {
        Of<SumTo>(Saves.Nothing, c => c.G.Expand(c.InputShape(0)));
        Of<Reduce<Sum>>(Saves.Nothing, (c, op) => Spread(c, op.Axes, c.G));
        Of<Reduce<Mean>>(Saves.Nothing, (c, op) => Spread(c, op.Axes, c.G * (1 / ReducedCount(c, op.Axes))));
        Of<Reduce<Max>>(Saves.Input0 | Saves.Output, (c, op) => ShareAmongTies(c, op.Axes));
        Of<Reduce<Min>>(Saves.Input0 | Saves.Output, (c, op) => ShareAmongTies(c, op.Axes));
        Of<Reduce<Prod>>(Saves.Input0, (c, op) => Spread(c, op.Axes, c.G) * ProductOfOthers(c[0], op.Axes));
        Of<Reduce<Variance>>(Saves.Input0, (c, op) =>
        {
            Tensor mean = c.CreatesGraph ? c[0].Mean(op.Axes, keepDimensions: true) : Kept(c.Kept(0), c.InputShape(0), op.Axes);
            return Kept(c.G * (2 / (ReducedCount(c, op.Axes) - op.Parameter)), c.InputShape(0), op.Axes) * (c[0] - mean);
        });
        Of<Reduce<LogSumExp>>(Saves.Input0 | Saves.Output, (c, op)
            => Tape.Apply(Binary<ExpDifference>.Instance, c[0], Kept(c.Y, c.InputShape(0), op.Axes)) * Kept(c.G, c.InputShape(0), op.Axes));
        Of<Reduce<EuclideanNorm>>(Saves.Input0 | Saves.Output, (c, op)
            => Tape.Apply(Binary<SafeDivide>.Instance, c[0], Kept(c.Y, c.InputShape(0), op.Axes)) * Kept(c.G, c.InputShape(0), op.Axes));

        Of<Binary<ExpDifference>>((Saves.Output, c => c.G * c.Y), (Saves.Output, c => -(c.G * c.Y)));
        Of<Binary<SafeDivide>>(
            (Saves.Input1, c => Tape.Apply(Binary<SafeDivide>.Instance, c.G, c[1])),
            (Saves.Input1 | Saves.Output, c => -(Tape.Apply(Binary<SafeDivide>.Instance, c.G, c[1]) * c.Y)));
        Of<ProductOfOthers>(Saves.Input0, c => Tape.Apply(new ProductOfOthersTangent(), c[0], c.G));
        Of<ProductOfOthersTangent>(
            (Saves.Nothing, c => throw new TapeException("Prod: only two derivatives are implemented, a third one was asked for. Write the product as (x.Log().Sum()).Exp() if no element is 0 or negative.")),
            (Saves.Input0, c => Tape.Apply(new ProductOfOthersTangent(), c[0], c.G)));

        NotDifferentiable<Binary<EqualityMask>>();
        NotDifferentiable<ArgReduce<Max>>();
        NotDifferentiable<ArgReduce<Min>>();
        NotDifferentiable<ReduceTruth<Any>>();
        NotDifferentiable<ReduceTruth<All>>();
        NotDifferentiable<ReduceTruth<CountNonzero>>();
    }

    /// <summary>Puts the reduced dimensions of a result back, with length 1.</summary>
    private static Tensor Kept(Tensor y, Shape operand, int[] axes)
    {
        if (y.Rank == operand.Rank) return y;
        long[] lengths = operand.Span.ToArray();
        foreach (int axis in axes) lengths[axis] = 1;
        return y.Reshape((Shape)lengths);
    }

    /// <summary>A result's gradient, the same for all the elements that were folded.</summary>
    private static Tensor Spread(VjpContext c, int[] axes, Tensor g) => Kept(g, c.InputShape(0), axes).Expand(c.InputShape(0));

    private static double ReducedCount(VjpContext c, int[] axes)
    {
        double count = 1;
        foreach (int axis in axes) count *= c.InputShape(0)[axis];
        return count;
    }

    /// <summary>Elements that attain the extreme together share its gradient equally.</summary>
    private static Tensor ShareAmongTies(VjpContext c, int[] axes)
    {
        Tensor mask = Tape.Apply(Binary<EqualityMask>.Instance, c[0], Kept(c.Y, c.InputShape(0), axes));
        Tensor ties = mask.Sum(axes, keepDimensions: true);
        return mask * Tape.Apply(Binary<SafeDivide>.Instance, Kept(c.G, c.InputShape(0), axes), ties);
    }

    /// <summary>For each element the product of those that it is multiplied with.</summary>
    private static Tensor ProductOfOthers(Tensor x, int[] axes)
    {
        // The reduced dimensions become one, the last.
        int[] order = [.. Enumerable.Range(0, x.Rank).Except(axes), .. axes];
        Permute permute = new(order);
        Tensor moved = Tape.Apply(permute, x);
        Shape shape = moved.Shape;
        long n = 1;
        foreach (int axis in axes) n *= x.Shape[axis];
        Tensor others = Tape.Apply(new ProductOfOthers(), moved.Reshape((Shape)(long[])[.. shape.Span[..(x.Rank - axes.Length)], n]));
        return others.Reshape(shape).Permute(permute.Inverse());
    }
}
