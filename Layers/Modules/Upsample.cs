namespace Gradwright.Layers;

/// <summary>
/// Resizes sequences [n, c, l], images [n, c, h, w] or volumes [n, c, d, h, w], by nearest neighbours or linear interpolation; the formulas are those of
/// <see cref="TensorOperators.Resize"/>.
/// </summary>
public sealed class Upsample : Module<Tensor, Tensor>
{
    private readonly double _factor;
    private readonly long[]? _size;
    private readonly Interpolation _mode;
    private readonly bool _alignCorners;

    /// <summary>To ⌊length · factor⌋ along each axis.</summary>
    /// <param name="factor">One for all spatial axes.</param>
    /// <param name="mode">What stands between pixels.</param>
    /// <param name="alignCorners">Whether the centres of the first and last pixels stay where they are. Only for linear interpolation.</param>
    public Upsample(double factor, Interpolation mode = Interpolation.Nearest, bool alignCorners = false)
    {
        if (!(factor > 0) || !double.IsFinite(factor)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "Upsample: the factor must be positive and finite.");
        (_factor, _mode, _alignCorners) = (factor, mode, alignCorners);
        CheckCorners();
    }

    /// <summary>To given lengths.</summary>
    /// <param name="size">One per spatial axis.</param>
    /// <param name="mode">What stands between pixels.</param>
    /// <param name="alignCorners">Whether the centres of the first and last pixels stay where they are. Only for linear interpolation.</param>
    public Upsample(long[] size, Interpolation mode = Interpolation.Nearest, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(size);
        foreach (long length in size) Positive.Check(nameof(Upsample), (nameof(size), length));
        (_size, _mode, _alignCorners) = (size, mode, alignCorners);
        CheckCorners();
    }

    protected override Tensor ForwardCore(Tensor x) => _size is null ? x.Upsample(_factor, _mode, _alignCorners) : x.Resize(_size, _mode, _alignCorners);

    public override string ToString()
        => $"Upsample({(_size is null ? $"{_factor}" : $"[{string.Join(", ", _size)}]")}{(_mode == Interpolation.Nearest ? "" : $", {_mode}")}{Printed.Option("alignCorners", _alignCorners, false)})";

    private void CheckCorners()
    {
        if (_alignCorners && _mode == Interpolation.Nearest) throw new ArgumentException("Upsample: corners are aligned in linear interpolation only. Leave alignCorners out.");
    }
}
