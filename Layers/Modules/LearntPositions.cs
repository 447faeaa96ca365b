namespace Gradwright.Layers;

/// <summary>Adds to each position of x [.., L, features] a vector that is learnt, for L up to a longest length.</summary>
public sealed class LearntPositions : Module<Tensor, Tensor>
{
    private readonly int _length, _features;

    /// <summary>Vectors for so many positions; they start normal with standard deviation 0.02 (Radford et al. 2018).</summary>
    /// <param name="length">The longest sequence.</param>
    /// <param name="features">Length of the last dimension.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public LearntPositions(int length, int features, DType dtype = DType.Float32)
    {
        Positive.Check(nameof(LearntPositions), (nameof(length), length), (nameof(features), features));
        (_length, _features) = (length, features);
        Weight = Tensor.Parameter([length, features], dtype);
    }

    /// <summary>The vectors, [length, features].</summary>
    public Tensor Weight { get; }

    protected override Tensor ForwardCore(Tensor x)
    {
        PositionCheck.Features(this, x, _features);
        if (x.Shape[^2] > _length)
            throw new ShapeException($"LearntPositions: x {x.Shape} has {x.Shape[^2]} positions, but {_length} were learnt. Make the layer longer, or use SinusoidalPositions.");
        return x + Weight.Slice(0, 0, x.Shape[^2]);
    }

    protected override void Reset(Generator generator) => Init.Normal(0.02).Fill(Weight, generator.Fork(nameof(Weight)));

    public override string ToString() => $"LearntPositions({_length}, {_features})";
}
