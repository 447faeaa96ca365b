namespace Gradwright.Layers;

/// <summary>
/// A table of vectors, looked up by number: Int64 indices of any shape → [.., features], y = W[x]. Its gradient adds up the gradients of equal indices in their order.
/// Unlike PyTorch's, the padding row gives zeros whatever is loaded into it, and the limit of the norm is a function of the row that is differentiated, not a change of the table.
/// </summary>
/// <param name="count">Number of vectors; indices go from 0 to count − 1.</param>
/// <param name="features">Length of a vector.</param>
/// <param name="paddingIndex">An index that gives zeros and gets no gradient: what fills up short sequences.</param>
/// <param name="maxNorm">Vectors whose Euclidean norm is larger are scaled down to it.</param>
/// <param name="dtype">The type of the table.</param>
public sealed class Embedding(int count, int features, int? paddingIndex = null, double? maxNorm = null, DType dtype = DType.Float32) : Module<Tensor, Tensor>
{
    private readonly double? _maxNorm = maxNorm is { } norm ? Positive.Check(nameof(Embedding), nameof(maxNorm), norm, "vectors are scaled down to it") : null;

    /// <summary>W, [count, features].</summary>
    public Tensor Weight { get; } = Create(count, features, paddingIndex, dtype);

    /// <summary>How W starts; by default normal with variance 1. The padding row starts at zero.</summary>
    public Initializer WeightInit { get; init; } = Init.Normal(1);

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.DType != DType.Int64) throw new DTypeException($"Embedding: x {x.Describe()} must hold Int64 indices. Write x.Cast(DType.Int64).");
        Tensor index = x.Reshape(-1), rows = Weight.IndexSelect(0, index);
        if (paddingIndex is { } padding) rows = rows.MaskedFill(index.EqualTo(padding).Unsqueeze(1), 0);
        if (_maxNorm is { } limit) rows = rows * (limit / rows.Norm(1, keepDimensions: true).Maximum(limit));
        return rows.Reshape((Shape)(long[])[.. x.Shape.Span, features]);
    }

    protected override void Reset(Generator generator)
    {
        WeightInit.Fill(Weight, generator.Fork(nameof(Weight)));
        if (paddingIndex is not { } padding) return;
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        Weight.Slice(0, padding, 1).FillInPlace(0);
    }

    public override string ToString()
        => $"Embedding({count} → {features}{(paddingIndex is { } padding ? $", paddingIndex: {padding}" : "")}{(_maxNorm is { } limit ? $", maxNorm: {limit}" : "")})";

    private static Tensor Create(int count, int features, int? paddingIndex, DType dtype)
    {
        Positive.Check(nameof(Embedding), (nameof(count), count), (nameof(features), features));
        if (paddingIndex is { } padding && (padding < 0 || padding >= count))
            throw new ArgumentOutOfRangeException(nameof(paddingIndex), padding, $"Embedding: the padding index must be one of the {count} vectors, 0 to {count - 1}.");
        return Tensor.Parameter([count, features], dtype);
    }
}
