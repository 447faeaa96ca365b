using Gradwright.Kernels;

namespace Gradwright.Layers;

/// <summary>
/// Losses: what a prediction costs, as one number (or one per sample or element). All stay finite and accurate for predictions of any reasonable size; sums and means
/// of losses per element are taken in the pass that computes them. Shapes must agree exactly: broadcasting here hides mistakes.
/// </summary>
public static partial class Loss
{
    /// <summary>An elementwise loss in one fused pass.</summary>
    private static Tensor OfElements<TLoss>(string operation, Tensor prediction, Tensor target, Reduction reduction, double parameter = 0, Tensor? weights = null) where TLoss : struct, ILossKernel
    {
        RequireSameShape(operation, "the prediction", prediction, "the target", target);
        ElementLoss<TLoss> op = new(reduction, parameter);
        if (weights is null) return Tape.Apply(op, prediction, target);
        RequireStretch(operation, "weights", weights, prediction.Shape);
        return Tape.Apply(op, prediction, target, weights.Shape == prediction.Shape ? weights : weights.Expand(prediction.Shape));
    }

    private static Tensor Reduce(Tensor losses, Reduction reduction) => reduction switch
    {
        Reduction.None => losses,
        Reduction.Sum => losses.Sum(),
        _ => losses.Mean(),
    };

    private static void RequireSameShape(string operation, string first, Tensor a, string second, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Shape != b.Shape)
            throw new ShapeException($"{operation}: {first} {a.Shape} and {second} {b.Shape} must have the same shape. Reshape or Unsqueeze one of them.");
    }

    /// <summary>A number per sample [N] beside samples [N, …].</summary>
    private static void RequirePerSample(string operation, Tensor perSample, Tensor losses, string meaning)
    {
        ArgumentNullException.ThrowIfNull(perSample);
        if (perSample.Shape != losses.Shape)
            throw new ShapeException($"{operation}: the targets {perSample.Shape} must be {losses.Shape}, {meaning} for each pair.");
    }

    /// <summary>Weights may be stretched to the prediction's shape, but not the other way round.</summary>
    private static void RequireStretch(string operation, string name, Tensor weights, Shape shape)
    {
        if (weights.Rank > shape.Rank || Shape.Broadcast(weights.Shape, shape, operation) != shape)
            throw new ShapeException($"{operation}: {name} {weights.Shape} do not stretch to {shape}: aligned at the last dimension, each length must be equal or 1. Insert dimensions with Unsqueeze.");
    }

    private static void RequirePositive(string operation, string name, double value)
    {
        if (!(value > 0)) throw new ArgumentException($"{operation}: {name} is {value}, but must be positive.");
    }

    private static void RequireShare(string operation, string name, double value)
    {
        if (value is not (>= 0 and <= 1)) throw new ArgumentException($"{operation}: {name} is {value}, but must lie between 0 and 1.");
    }
}
