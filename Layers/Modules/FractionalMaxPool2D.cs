namespace Gradwright.Layers;

/// <summary>
/// Fractional max pooling (Graham 2014), pseudo-random and overlapping: [n, c, h, w] → [n, c, height, width], for ratios that are not whole. In training the
/// windows' places are drawn anew for every channel of every image; in evaluation they are fixed (u = ½).
/// </summary>
public sealed class FractionalMaxPool2D : Module<Tensor, Tensor>
{
    private readonly Size2 _size;
    private readonly Size2? _output;
    private readonly double? _ratio;
    private Generator _generator = new();

    /// <summary>Says how large the result is: by its size, or by its ratio to the image.</summary>
    /// <param name="size">Height and width of the windows: 2 or 3 in the paper.</param>
    /// <param name="output">Height and width of the result.</param>
    /// <param name="ratio">Between 0 and 1, such as 1/√2: the result has ⌊ratio · length⌋ elements along each axis.</param>
    public FractionalMaxPool2D(Size2 size, Size2? output = null, double? ratio = null)
    {
        if (output is null == ratio is null) throw new ArgumentException("FractionalMaxPool2D: give either the output's size or its ratio to the image.");
        if (ratio is not (null or > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "FractionalMaxPool2D: the ratio of result to image lies between 0 and 1.");
        (_size, _output, _ratio) = (size, output, ratio);
    }

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank != 4) throw new ShapeException($"FractionalMaxPool2D: x {x.Shape} must be [batch, channels, height, width].");
        Size2 output = _output ?? new((int)(x.Shape[2] * _ratio!.Value), (int)(x.Shape[3] * _ratio!.Value));
        return x.FractionalMaxPool2D(_size, output, IsTraining ? _generator : null);
    }

    protected override void Reset(Generator generator) => _generator = generator;

    public override string ToString() => $"FractionalMaxPool2D({_size}, {(_output is { } output ? $"{output}" : $"ratio: {_ratio}")})";
}
