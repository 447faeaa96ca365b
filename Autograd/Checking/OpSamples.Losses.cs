using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddLosses()
    {
        Losses<AbsoluteError>(0, (x, t) => Math.Abs(x - t));
        Losses<SquaredError>(0, (x, t) => (x - t) * (x - t));
        Losses<HuberError>(0.7, (x, t) => Math.Abs(x - t) <= 0.7 ? (x - t) * (x - t) / 2 : 0.7 * (Math.Abs(x - t) - 0.35));
        Losses<InsensitiveError>(0.4, (x, t) => Math.Max(0, Math.Abs(x - t) - 0.4));
        Losses<SquaredInsensitiveError>(0.4, (x, t) => Math.Pow(Math.Max(0, Math.Abs(x - t) - 0.4), 2));
        Losses<LogisticLoss>(0, (x, t) => t * Math.Log(1 + Math.Exp(-x)) + (1 - t) * Math.Log(1 + Math.Exp(x)), targetLow: 0.01, targetHigh: 0.99);
        Losses<ProbabilityLoss>(0, (x, t) => -t * Math.Log(x) - (1 - t) * Math.Log(1 - x), 0.05, 0.95, 0.01, 0.99);
        Losses<HingeLoss>(1, (x, t) => Math.Max(0, 1 - t * x));
        Losses<SquaredHingeLoss>(1, (x, t) => Math.Pow(Math.Max(0, 1 - t * x), 2));
        Losses<DivergenceTerm>(0, (x, t) => Math.Exp(t) * (t - x));
        Losses<NormalDivergence>(0, (x, t) => (x * x + Math.Exp(t) - 1 - t) / 2);

        Operand scores = new([5, 7], -2, 2), classes = Operand.Indices([5], 7);
        foreach (bool squared in (bool[])[false, true])
        {
            MulticlassHinge loss = new(1, squared);
            Sample(new OpSample(loss, [scores, classes], squared ? "squared" : ""));
            Sample(new OpSample(new MulticlassHingeGradient(loss), [new([5]), scores, classes], squared ? "squared" : "") { Constants = [1] });
        }

        MulticlassHinge perPixel = new(0.5, false);
        Sample(new OpSample(perPixel, [new([2, 3, 19], -2, 2), Operand.Indices([2, 19], 3)], "pixels"));
        Sample(new OpSample(new MulticlassHingeGradient(perPixel), [new([2, 19]), new([2, 3, 19], -2, 2), Operand.Indices([2, 19], 3)], "pixels") { Constants = [1] });
        Sample(new OpSample(perPixel, [new([3, 300], -2, 2), Operand.Indices([3], 300)], "many classes"));

        Sample(new OpSample(new SoftCrossEntropy(1), [new([4, 37], -3, 3), new([4, 37], 0, 1)], "rows"));
        Sample(new OpSample(new SoftCrossEntropy(1), [new([2, 3, 19], -3, 3), new([2, 3, 19], 0, 1)], "pixels"));
        foreach (Shape shape in (Shape[])[[4, 37], [2, 3, 19]])
        {
            Shape lines = shape.Rank == 2 ? [4] : [2, 19];
            Sample(new OpSample(new SoftCrossEntropyGradient(1), [new(lines), new(shape, -3, 3), new(shape, 0, 1), new(lines, 3, 4), new(lines, 1, 2), new(lines)]) { Constants = [1, 2, 3, 4, 5] });
        }
    }

    /// <summary>A loss per element: each reduction, with weights and without, and the backward pass.</summary>
    private static void Losses<TLoss>(double parameter, Func<double, double, double> reference, double low = -2, double high = 2, double targetLow = -2, double targetHigh = 2)
        where TLoss : struct, ILossKernel
    {
        Operand x = new([3, 37], low, high), t = new([3, 37], targetLow, targetHigh), w = new([3, 37], 0.5, 2);
        Sample(new OpSample(new ElementLoss<TLoss>(Reduction.None, parameter), [x, t]) { Reference = v => reference(v[0], v[1]) });
        Sample(new OpSample(new ElementLoss<TLoss>(Reduction.None, parameter), [x, t, w], "weighted") { Reference = v => reference(v[0], v[1]) * v[2] });
        Sample(new OpSample(new ElementLoss<TLoss>(Reduction.Sum, parameter), [x, t, w], "sum, weighted"));
        Sample(new OpSample(new ElementLoss<TLoss>(Reduction.Mean, parameter), [new([5, 19], low, high), new([5, 19], targetLow, targetHigh)], "mean"));
        Sample(new OpSample(new ElementLossGradient<TLoss>(new(Reduction.None, parameter)), [new([3, 37]), x, t]) { Constants = [1, 2] });
        Sample(new OpSample(new ElementLossGradient<TLoss>(new(Reduction.Mean, parameter)),
            [new([]), new([4, 11], low, high), new([4, 11], targetLow, targetHigh), new([4, 11], 0.5, 2)], "mean, weighted") { Constants = [1, 2, 3] });
    }
}
