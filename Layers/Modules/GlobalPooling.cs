namespace Gradwright.Layers;

/// <summary>The mean of each channel: [n, c, l] → [n, c].</summary>
public sealed class GlobalAveragePool1D : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x)
        => x.Rank == 3 ? x.Mean(2) : throw new ShapeException($"GlobalAveragePool1D: x {x.Shape} must be [batch, channels, length].");

    public override string ToString() => "GlobalAveragePool1D()";
}

/// <summary>The mean of each channel: [n, c, h, w] → [n, c].</summary>
public sealed class GlobalAveragePool2D : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x)
        => x.Rank == 4 ? x.Mean([2, 3]) : throw new ShapeException($"GlobalAveragePool2D: x {x.Shape} must be [batch, channels, height, width].");

    public override string ToString() => "GlobalAveragePool2D()";
}

/// <summary>The mean of each channel: [n, c, d, h, w] → [n, c].</summary>
public sealed class GlobalAveragePool3D : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x)
        => x.Rank == 5 ? x.Mean([2, 3, 4]) : throw new ShapeException($"GlobalAveragePool3D: x {x.Shape} must be [batch, channels, depth, height, width].");

    public override string ToString() => "GlobalAveragePool3D()";
}

/// <summary>The largest element of each channel: [n, c, l] → [n, c].</summary>
public sealed class GlobalMaxPool1D : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x)
        => x.Rank == 3 ? x.Max(2) : throw new ShapeException($"GlobalMaxPool1D: x {x.Shape} must be [batch, channels, length].");

    public override string ToString() => "GlobalMaxPool1D()";
}

/// <summary>The largest element of each channel: [n, c, h, w] → [n, c].</summary>
public sealed class GlobalMaxPool2D : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x)
        => x.Rank == 4 ? x.Max([2, 3]) : throw new ShapeException($"GlobalMaxPool2D: x {x.Shape} must be [batch, channels, height, width].");

    public override string ToString() => "GlobalMaxPool2D()";
}

/// <summary>The largest element of each channel: [n, c, d, h, w] → [n, c].</summary>
public sealed class GlobalMaxPool3D : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x)
        => x.Rank == 5 ? x.Max([2, 3, 4]) : throw new ShapeException($"GlobalMaxPool3D: x {x.Shape} must be [batch, channels, depth, height, width].");

    public override string ToString() => "GlobalMaxPool3D()";
}
