namespace Gradwright.Layers;

/// <summary>
/// Adds to each position of x [.., L, features] a vector of sines and cosines of wavelengths from 2π to 10000 · 2π (Vaswani et al. 2017):
/// p[t, 2i] = sin(t / 10000^(2i/features)), p[t, 2i + 1] = cos of the same. Nothing is learnt or stored; sequences may have any length.
/// </summary>
/// <param name="features">Length of the last dimension.</param>
public sealed class SinusoidalPositions(int features) : Module<Tensor, Tensor>
{
    private readonly int _features = features > 0 ? features : throw new ArgumentOutOfRangeException(nameof(features), features, "SinusoidalPositions: features must be positive.");

    protected override Tensor ForwardCore(Tensor x)
    {
        PositionCheck.Features(this, x, _features);
        Tensor positions;
        using (Tape.NoRecord()) positions = Encode(x.Shape[^2], _features, x.DType, x.Accelerator);
        return x + positions;
    }

    /// <summary>The vectors themselves, [length, features].</summary>
    public static Tensor Encode(long length, int features, DType dtype = DType.Float32, Accelerator? accelerator = null)
    {
        using TensorScope scope = new();
        long pairs = (features + 1) / 2;
        DType computed = dtype == DType.Float64 ? DType.Float64 : DType.Float32;
        Tensor frequencies = (Tensor.Arange(0, pairs, 1, computed) * (-2 * Math.Log(10000) / features)).Exp();
        Tensor angles = Tensor.Arange(0, length, 1, computed).Unsqueeze(1) * frequencies;
        Tensor waves = Tensor.Stack([angles.Sin(), angles.Cos()], 2).Reshape(length, 2 * pairs).Slice(1, 0, features);
        return TensorScope.Keep(waves.Cast(dtype).To(accelerator ?? Accelerator.Default));
    }

    public override string ToString() => $"SinusoidalPositions({_features})";
}

internal static class PositionCheck
{
    public static void Features(Module layer, Tensor x, int features)
    {
        if (x.Rank < 2 || x.Shape[^1] != features) throw new ShapeException($"{layer.GetType().Name}: x {x.Shape} must be [.., length, {features}].");
    }
}
