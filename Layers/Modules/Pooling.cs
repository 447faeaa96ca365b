namespace Gradwright.Layers;

/// <summary>The largest element of each window: [n, c, h, w] → [n, c, h′, w′].</summary>
/// <param name="size">Height and width of the window.</param>
/// <param name="stride">Distance between windows; the window's size by default.</param>
/// <param name="padding">Rows and columns on each side that never win.</param>
public sealed class MaxPool2D(Size2 size, Size2? stride = null, Size2? padding = null) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.MaxPool2D(size, stride ?? size, padding ?? 0);
    public override string ToString() => $"MaxPool2D({size}{Conv2D.Option("stride", stride ?? size, size)}{Conv2D.Option("padding", padding ?? 0, 0)})";
}

/// <summary>The mean of each window: [n, c, h, w] → [n, c, h′, w′].</summary>
/// <param name="size">Height and width of the window.</param>
/// <param name="stride">Distance between windows; the window's size by default.</param>
/// <param name="padding">Rows and columns of zeros on each side.</param>
public sealed class AveragePool2D(Size2 size, Size2? stride = null, Size2? padding = null) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AveragePool2D(size, stride ?? size, padding ?? 0);
    public override string ToString() => $"AveragePool2D({size}{Conv2D.Option("stride", stride ?? size, size)}{Conv2D.Option("padding", padding ?? 0, 0)})";
}

/// <summary>The mean of each channel: [n, c, h, w] → [n, c].</summary>
public sealed class GlobalAveragePool2D : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Mean([2, 3]);
    public override string ToString() => "GlobalAveragePool2D()";
}

/// <summary>All dimensions from <paramref name="firstAxis"/> on as one: [n, c, h, w] → [n, c·h·w].</summary>
/// <param name="firstAxis">The first dimension to merge.</param>
public sealed class Flatten(int firstAxis = 1) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x)
    {
        int axis = x.Shape.Axis(firstAxis, nameof(Flatten));
        long merged = 1;
        foreach (long length in x.Shape.Span[axis..]) merged *= length;
        return x.Reshape([.. x.Shape.Span[..axis], merged]);
    }

    public override string ToString() => firstAxis == 1 ? "Flatten()" : $"Flatten({firstAxis})";
}
