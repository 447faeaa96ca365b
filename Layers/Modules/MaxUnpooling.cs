namespace Gradwright.Layers;

/// <summary>
/// Puts maxima back where <see cref="MaxPool1DWithIndices"/> found them, zeros elsewhere: values and indices [n, c, l] → [n, c, l′] with l′ = (l − 1)s − 2p + k, or
/// a given length.
/// </summary>
/// <param name="size">Length k of the pooling's window.</param>
/// <param name="stride">Distance s between its windows; the window's size by default.</param>
/// <param name="padding">Its border p.</param>
/// <param name="length">The length of the result, where the pooling left elements at the end unseen.</param>
public sealed class MaxUnpool1D(int size, int? stride = null, int padding = 0, int? length = null) : Module<(Tensor Values, Tensor Indices), Tensor>
{
    /// <inheritdoc cref="Module{TIn, TOut}.Forward"/>
    public Tensor Forward(Tensor values, Tensor indices) => Forward((values, indices));

    protected override Tensor ForwardCore((Tensor Values, Tensor Indices) input)
        => input.Values.MaxUnpool1D(input.Indices, length ?? Length(input.Values, 0, 1, size, stride ?? size, padding, nameof(MaxUnpool1D)));

    public override string ToString()
        => $"MaxUnpool1D({Printed.Window<int>(size, stride, padding, 0)}{(length is null ? "" : $", length: {length}")})";

    internal static int Length(Tensor x, int axis, int axes, int size, int stride, int padding, string name)
        => x.Rank == axes + 2 ? checked((int)((x.Shape[axis + 2] - 1) * stride - 2L * padding + size))
            : throw new ShapeException($"{name}: values {x.Shape} must be [images, channels, …] with {axes} spatial dimensions.");
}

/// <summary>
/// Puts maxima back where <see cref="MaxPool2DWithIndices"/> found them, zeros elsewhere: values and indices [n, c, h, w] → [n, c, h′, w′], along each axis as in
/// <see cref="MaxUnpool1D"/>.
/// </summary>
/// <param name="size">Height and width of the pooling's window.</param>
/// <param name="stride">Distance between its windows; the window's size by default.</param>
/// <param name="padding">Its border.</param>
/// <param name="output">Height and width of the result, where the pooling left pixels at the end unseen.</param>
public sealed class MaxUnpool2D(Size2 size, Size2? stride = null, Size2? padding = null, Size2? output = null) : Module<(Tensor Values, Tensor Indices), Tensor>
{
    private readonly Size2 _stride = stride ?? size, _padding = padding ?? 0;

    /// <inheritdoc cref="Module{TIn, TOut}.Forward"/>
    public Tensor Forward(Tensor values, Tensor indices) => Forward((values, indices));

    protected override Tensor ForwardCore((Tensor Values, Tensor Indices) input) => input.Values.MaxUnpool2D(input.Indices, output ?? new Size2(
        MaxUnpool1D.Length(input.Values, 0, 2, size.Height, _stride.Height, _padding.Height, nameof(MaxUnpool2D)),
        MaxUnpool1D.Length(input.Values, 1, 2, size.Width, _stride.Width, _padding.Width, nameof(MaxUnpool2D))));

    public override string ToString()
        => $"MaxUnpool2D({Printed.Window<Size2>(size, stride, padding, 0)}{(output is null ? "" : $", output: {output}")})";
}

/// <summary>
/// Puts maxima back where <see cref="MaxPool3DWithIndices"/> found them, zeros elsewhere: values and indices [n, c, d, h, w] → [n, c, d′, h′, w′], along each axis
/// as in <see cref="MaxUnpool1D"/>.
/// </summary>
/// <param name="size">Depth, height and width of the pooling's window.</param>
/// <param name="stride">Distance between its windows; the window's size by default.</param>
/// <param name="padding">Its border.</param>
/// <param name="output">Depth, height and width of the result, where the pooling left elements at the end unseen.</param>
public sealed class MaxUnpool3D(Size3 size, Size3? stride = null, Size3? padding = null, Size3? output = null) : Module<(Tensor Values, Tensor Indices), Tensor>
{
    private readonly Size3 _stride = stride ?? size, _padding = padding ?? 0;

    /// <inheritdoc cref="Module{TIn, TOut}.Forward"/>
    public Tensor Forward(Tensor values, Tensor indices) => Forward((values, indices));

    protected override Tensor ForwardCore((Tensor Values, Tensor Indices) input) => input.Values.MaxUnpool3D(input.Indices, output ?? new Size3(
        MaxUnpool1D.Length(input.Values, 0, 3, size.Depth, _stride.Depth, _padding.Depth, nameof(MaxUnpool3D)),
        MaxUnpool1D.Length(input.Values, 1, 3, size.Height, _stride.Height, _padding.Height, nameof(MaxUnpool3D)),
        MaxUnpool1D.Length(input.Values, 2, 3, size.Width, _stride.Width, _padding.Width, nameof(MaxUnpool3D))));

    public override string ToString()
        => $"MaxUnpool3D({Printed.Window<Size3>(size, stride, padding, 0)}{(output is null ? "" : $", output: {output}")})";
}
