namespace Gradwright.Kernels;

/// <summary>
/// Normalises each group of channels of each sample of x [N, C, …]: y = scale (x − mean) / √(variance + ε) + shift (Wu and He 2018). With as many groups as
/// channels it is instance normalisation (Ulyanov et al. 2016). Scale and shift are [C], or [N, C] for numbers of each sample's own.
/// </summary>
/// <param name="Groups">How many groups the channels are cut into.</param>
/// <param name="Epsilon">ε.</param>
public sealed record GroupNorm(int Groups, double Epsilon) : RowNorm(Epsilon)
{
    public override string Name => nameof(GroupNorm);

    internal override bool Centers => true;

    internal override NormRows RowsOf(Tensor x)
    {
        if (x.Rank < 2)
            throw new ShapeException($"{Name}: x has shape {x.Shape}, but [N, C] or [N, C, …] is expected, with the channels in dimension 1. Add dimensions with Unsqueeze.");
        if (Groups < 1 || x.Shape[1] % Groups != 0)
            throw new ShapeException($"{Name}: the {x.Shape[1]} channels of x {x.Shape} cannot be cut into {Groups} equal groups. Choose a divisor of {x.Shape[1]}.");
        return new(x.Shape[0] * Groups, x.Shape[1] / Groups, Packing.Count(x.Shape.Span[2..]));
    }

    internal override void CheckAffine(Tensor x, string name, Tensor affine)
    {
        if (affine.Shape != (long[])[x.Shape[1]] && affine.Shape != (long[])[x.Shape[0], x.Shape[1]])
            throw new ShapeException($"{Name}: {name} {affine.Shape} must be [{x.Shape[1]}], one number per channel of x {x.Shape}, or [{x.Shape[0]}, {x.Shape[1]}], one per sample and channel.");
    }
}
