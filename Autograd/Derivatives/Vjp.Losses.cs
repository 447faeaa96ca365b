using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddLosses()
    {
        ErrorLoss<AbsoluteError>((d, _) => d.Sign());
        ErrorLoss<SquaredError>((d, _) => 2 * d);
        ErrorLoss<HuberError>((d, c) => d.Clamp(-c, c));
        ErrorLoss<InsensitiveError>((d, c) => d.Sign() * (d.Abs() > c).Cast(d.DType));
        ErrorLoss<SquaredInsensitiveError>((d, c) => 2 * (d.Sign() * (d.Abs() - c).Relu()));
        ElementLoss<LogisticLoss>((x, t, _) => x.Sigmoid() - t, (x, t, _) => -x);
        ElementLoss<ProbabilityLoss>((x, t, _) => (x - t) / (x * (1 - x)), (x, t, _) => (-x).Log1p() - x.Log());
        ElementLoss<HingeLoss>((x, t, c) => -t * ((t * x) < c).Cast(x.DType), (x, t, c) => -x * ((t * x) < c).Cast(x.DType));
        ElementLoss<SquaredHingeLoss>((x, t, c) => -2 * (t * (c - t * x).Relu()), (x, t, c) => -2 * (x * (c - t * x).Relu()));
        ElementLoss<DivergenceTerm>((x, t, _) => -t.Exp(), (x, t, _) => t.Exp() * (t - x + 1));
        ElementLoss<NormalDivergence>((x, t, _) => x + 0 * t, (x, t, _) => 0.5 * t.Expm1());

        Jointly<SoftCrossEntropy>(Saves.Inputs, (c, op) =>
        {
            Tensor g = c.G.Unsqueeze(op.Axis);
            if (c.Needs(0))
            {
                c.Set(0, c.CreatesGraph
                    ? g * (c[0].Softmax(op.Axis) * c[1].Sum(op.Axis, keepDimensions: true) - c[1])
                    : Tape.Apply(new SoftCrossEntropyGradient(op.Axis), c.G, c[0], c[1], c.Kept(0), c.Kept(1), c.Kept(2)));
            }

            if (c.Needs(1)) c.Set(1, -(g * c[0].LogSoftmax(op.Axis)));
        });
        Jointly<SoftCrossEntropyGradient>(Saves.Inputs, (c, op) =>
        {
            RequireLinear(c, nameof(SoftCrossEntropy));
            Tensor unit = Tape.Apply(op, Tensor.Ones(c.InputShape(0), c.G.DType, c.G.Accelerator), c[1], c[2], c[3], c[4], c[5]);
            c.Set(0, (c.G * unit).Sum(op.Axis));
        });

        Jointly<MulticlassHinge>(Saves.Inputs, (c, op) =>
        {
            if (!c.CreatesGraph)
            {
                c.Set(0, Tape.Apply(new MulticlassHingeGradient(op), c.G, c[0], c[1]));
                return;
            }

            // With m the slopes of all classes, the right one among them: ds = m, and ds_y −= Σ m.
            Tensor s = c[0], index = c[1].Unsqueeze(1), excess = s - s.Gather(1, index) + op.Margin;
            Tensor m = c.G.Unsqueeze(1) * (op.Squared ? 2 * excess.Relu() : (excess > 0).Cast(s.DType));
            c.Set(0, m - Tape.Apply(new ScatterSum(1, s.Shape[1]), m.Sum(1, keepDimensions: true), index));
        });
        Jointly<MulticlassHingeGradient>(Saves.Inputs, (c, op) =>
        {
            RequireLinear(c, nameof(MulticlassHinge));
            Tensor unit = Tape.Apply(op, Tensor.Ones(c.InputShape(0), c.G.DType, c.G.Accelerator), c[1], c[2]);
            c.Set(0, (c.G * unit).Sum(1));
        });
    }

    /// <summary>A loss of the difference d = x − t: the target's slope is the opposite of the prediction's.</summary>
    private static void ErrorLoss<TLoss>(Func<Tensor, double, Tensor> slope) where TLoss : struct, ILossKernel
        => ElementLoss<TLoss>((x, t, c) => slope(x - t, c), null);

    /// <summary>
    /// A loss per element: the fused backward pass for the prediction; and, for the target, and where the derivative is itself differentiated, the slopes
    /// from differentiable ops.
    /// </summary>
    private static void ElementLoss<TLoss>(Func<Tensor, Tensor, double, Tensor> slope, Func<Tensor, Tensor, double, Tensor>? targetSlope) where TLoss : struct, ILossKernel
    {
        Jointly<ElementLoss<TLoss>>(Saves.Inputs, (c, op) =>
        {
            if (!c.CreatesGraph && (c.Needs(0) || targetSlope is null))
            {
                ElementLossGradient<TLoss> gradient = new(op);
                Tensor dx = c.InputCount > 2 ? Tape.Apply(gradient, c.G, c[0], c[1], c[2]) : Tape.Apply(gradient, c.G, c[0], c[1]);
                if (c.Needs(0)) c.Set(0, dx);
                if (c.Needs(1) && targetSlope is null) c.Set(1, -dx);
            }
            else if (c.Needs(0) || targetSlope is null)
            {
                Tensor dx = Weighed(c, op) * slope(c[0], c[1], op.Parameter);
                if (c.Needs(0)) c.Set(0, dx);
                if (c.Needs(1) && targetSlope is null) c.Set(1, -dx);
            }

            if (c.Needs(1) && targetSlope is not null) c.Set(1, Weighed(c, op) * targetSlope(c[0], c[1], op.Parameter));
            if (c.Needs(2)) c.Set(2, Averaged(c, op) * Tape.Apply(op with { Reduction = Reduction.None }, c[0], c[1]));
        });

        Jointly<ElementLossGradient<TLoss>>(Saves.Inputs, (c, op) =>
        {
            RequireLinear(c, op.Loss.Name);
            Tensor ones = Tensor.Ones(c.InputShape(0), c.G.DType, c.G.Accelerator);
            Tensor unit = c.InputCount > 3 ? Tape.Apply(op, ones, c[1], c[2], c[3]) : Tape.Apply(op, ones, c[1], c[2]);
            c.Set(0, (c.G * unit).SumTo(c.InputShape(0)));
        });
    }

    /// <summary>The gradient of each element's loss, or of all of them, before its weight and after.</summary>
    private static Tensor Averaged<TLoss>(VjpContext c, ElementLoss<TLoss> op) where TLoss : struct, ILossKernel
        => op.Reduction == Reduction.Mean ? c.G * (1.0 / c.InputShape(0).Count) : c.G;

    private static Tensor Weighed<TLoss>(VjpContext c, ElementLoss<TLoss> op) where TLoss : struct, ILossKernel
        => c.InputCount > 2 ? Averaged(c, op) * c[2] : Averaged(c, op);

    /// <summary>A fused backward pass is differentiated by the gradient that it passes on, and by nothing else.</summary>
    private static void RequireLinear(VjpContext c, string loss)
    {
        for (int i = 1; i < c.InputCount; i++)
        {
            if (c.Needs(i))
                throw new TapeException($"{c.Op.Name}: has a derivative in g only. Differentiate {loss} under Gradients(…, createGraph: true), which computes the same from differentiable ops.");
        }
    }
}
