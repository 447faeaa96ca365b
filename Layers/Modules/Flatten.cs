namespace Gradwright.Layers;

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
