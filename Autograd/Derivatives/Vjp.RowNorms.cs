using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddRowNorms()
    {
        Jointly<LayerNorm>(Saves.Inputs, RowNormDerivatives);
        Jointly<RmsNorm>(Saves.Inputs, RowNormDerivatives);
        Jointly<GroupNorm>(Saves.Inputs, RowNormDerivatives);

        // Linear in g: dx is a symmetric projection of scale · g, dscale = Σ g x̂, dshift = Σ g.
        Jointly<RowNormGradient>(Saves.Inputs, (c, op) =>
        {
            for (int i = 1; i < c.InputCount; i++)
            {
                if (c.Needs(i))
                    throw new TapeException($"{op.Name}: has a derivative in g only. Differentiate {op.Norm.Name} under Gradients(…, createGraph: true), which computes the same from differentiable ops.");
            }

            Tensor x = c[1], rows = AsRows(x, x, op.Norm), deviation = op.Norm.Centers ? rows - rows.Slice(1, 0, 1) - c[3].Unsqueeze(1) : rows;
            Tensor dg = FusedRowNormGradient(new(op.Norm, 0), op.Norm.Centers ? [c.G, x, c[2], c[3]] : [c.G, x, c[2]])[0];
            if (op.Affine > 0) dg = dg * OverRows(c[c.InputCount - 1], x, op.Norm) + (deviation * c[2].Unsqueeze(1)).Reshape(x.Shape) * OverRows(c.Gradient(1), x, op.Norm);
            if (op.Affine > 1) dg += OverRows(c.Gradient(2), x, op.Norm);
            c.Set(0, dg);
        });
    }

    private static void RowNormDerivatives<TOp>(VjpContext c, TOp op) where TOp : RowNorm
    {
        Tensor x = c[0];
        int affine = c.InputCount - 1;
        Tensor[] gradients = c.CreatesGraph ? ComposedRowNormGradient(c.G, x, affine > 0 ? c[1] : null, op)
            : FusedRowNormGradient(new(op, affine), [c.G, x, c.Kept(0), .. op.Centers ? (Tensor[])[c.Kept(1)] : [], .. affine > 0 ? (Tensor[])[c[1]] : []]);
        for (int i = 0; i <= affine; i++)
            if (c.Needs(i)) c.Set(i, gradients[i]);
    }

    private static Tensor[] FusedRowNormGradient(RowNormGradient op, ReadOnlySpan<Tensor> x)
    {
        Op.Outputs y = default;
        Tape.Apply(op, x, y);
        return [.. ((ReadOnlySpan<Tensor?>)y)[..op.OutputCount].ToArray().Select(t => t!)];
    }

    /// <summary>The same from differentiable ops, with mean and variance as functions of x.</summary>
    private static Tensor[] ComposedRowNormGradient(Tensor g, Tensor x, Tensor? scale, RowNorm op)
    {
        Tensor rows = AsRows(x, x, op), slope = AsRows(scale is null ? g : g * OverRows(scale, x, op), x, op);
        Tensor deviation = op.Centers ? rows - rows.Mean(1, keepDimensions: true) : rows;
        Tensor r = (deviation.Square().Mean(1, keepDimensions: true) + op.Epsilon).Rsqrt(), normal = deviation * r;
        Tensor projected = slope - normal * (slope * normal).Mean(1, keepDimensions: true);
        if (op.Centers) projected -= slope.Mean(1, keepDimensions: true);
        Tensor dx = (projected * r).Reshape(x.Shape);
        if (scale is null) return [dx];
        Shape spread = Spread(scale.Shape, x, op);
        return [dx, (g * normal.Reshape(x.Shape)).SumTo(spread).Reshape(scale.Shape), g.SumTo(spread).Reshape(scale.Shape)];
    }

    /// <summary>A tensor of x's shape as [rows, length].</summary>
    private static Tensor AsRows(Tensor values, Tensor x, RowNorm op)
    {
        NormRows rows = op.RowsOf(x);
        return values.Reshape((Shape)(long[])[rows.Rows, rows.Length]);
    }

    /// <summary>A scale or shift in a shape that broadcasts over x.</summary>
    private static Tensor OverRows(Tensor affine, Tensor x, RowNorm op) => affine.Reshape(Spread(affine.Shape, x, op));

    /// <summary>Layer normalisation's numbers stand for the trailing dimensions as they are; those of channels need dimensions of length 1 behind them.</summary>
    private static Shape Spread(Shape affine, Tensor x, RowNorm op)
        => op is GroupNorm ? (long[])[.. affine.Span, .. Enumerable.Repeat(1L, x.Rank - 2)] : affine;
}
