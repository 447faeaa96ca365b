namespace Gradwright.Kernels;

/// <summary>
/// Normalises each sample over its trailing dimensions: y = scale (x − mean) / √(variance + ε) + shift (Ba et al. 2016). Scale and shift have the
/// trailing dimensions' shape.
/// </summary>
/// <param name="Dimensions">How many trailing dimensions.</param>
/// <param name="Epsilon">ε.</param>
public sealed record LayerNorm(int Dimensions, double Epsilon) : RowNorm(Epsilon)
{
    public override string Name => nameof(LayerNorm);

    internal override bool Centers => true;

    internal override NormRows RowsOf(Tensor x) => TrailingDimensions.Rows(this, x, Dimensions);

    internal override void CheckAffine(Tensor x, string name, Tensor affine) => TrailingDimensions.Check(this, x, Dimensions, name, affine);
}

/// <summary>
/// Divides each sample by the root of its mean square over its trailing dimensions: y = scale x / √(mean of x² + ε) (Zhang and Sennrich 2019). The scale
/// has the trailing dimensions' shape.
/// </summary>
/// <param name="Dimensions">How many trailing dimensions.</param>
/// <param name="Epsilon">ε.</param>
public sealed record RmsNorm(int Dimensions, double Epsilon) : RowNorm(Epsilon)
{
    public override string Name => "RMSNorm";

    internal override bool Centers => false;

    internal override NormRows RowsOf(Tensor x) => TrailingDimensions.Rows(this, x, Dimensions);

    internal override void CheckAffine(Tensor x, string name, Tensor affine) => TrailingDimensions.Check(this, x, Dimensions, name, affine);
}

/// <summary>What layer and RMS normalisation share: a row is all that lies in the trailing dimensions.</summary>
internal static class TrailingDimensions
{
    public static NormRows Rows(Op op, Tensor x, int dimensions)
    {
        if (dimensions < 1 || dimensions > x.Rank)
            throw new ShapeException($"{op.Name}: x {x.Shape} cannot be normalised over {dimensions} trailing dimensions; give 1 to {x.Rank}.");
        long length = Packing.Count(x.Shape.Span[^dimensions..]);
        return new(length == 0 ? 0 : x.Count / length, length, 1);
    }

    public static void Check(Op op, Tensor x, int dimensions, string name, Tensor affine)
    {
        if (!affine.Shape.Span.SequenceEqual(x.Shape.Span[^dimensions..]))
            throw new ShapeException($"{op.Name}: {name} {affine.Shape} must have the shape of the {dimensions} trailing dimensions of x {x.Shape}, one number per element.");
    }
}
