using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddSoftmax()
    {
        Of<AlongAxis<Softmax>>(Saves.Output, (c, op) => Tape.Apply(new AlongAxis<SoftmaxGradient>(op.Axis), c.G, c.Y));
        Of<AlongAxis<LogSoftmax>>(Saves.Output, (c, op) => Tape.Apply(new AlongAxis<LogSoftmaxGradient>(op.Axis), c.G, c.Y));

        // z = y (g − Σ g y): the gradient v of z gives y (v − Σ v y) for g, and v (g − Σ g y) − g Σ v y for y.
        Of<AlongAxis<SoftmaxGradient>>(
            (Saves.Input1, c => Tape.Apply(c.Op, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c =>
            {
                int axis = ((AlongAxis<SoftmaxGradient>)c.Op).Axis;
                Tensor g = c[0], y = c[1], v = c.G;
                return v * (g - (g * y).Sum(axis, keepDimensions: true)) - g * (v * y).Sum(axis, keepDimensions: true);
            }));

        // z = g − eʸ Σ g: v gives v − Σ v eʸ for g, and −v eʸ Σ g for y.
        Of<AlongAxis<LogSoftmaxGradient>>(
            (Saves.Input1, c => c.G - (c.G * c[1].Exp()).Sum(((AlongAxis<LogSoftmaxGradient>)c.Op).Axis, keepDimensions: true)),
            (Saves.Input0 | Saves.Input1, c => -(c.G * c[1].Exp() * c[0].Sum(((AlongAxis<LogSoftmaxGradient>)c.Op).Axis, keepDimensions: true))));

        Jointly<CrossEntropy>(Saves.Inputs, (c, op) =>
        {
            RequireConstantWeights(c, 2);
            CrossEntropyGradient gradient = new(op);
            c.Set(0, c.InputCount > 2
                ? Tape.Apply(gradient, c.G, c[0], c[1], c.Kept(0), c.Kept(1), c.Kept(2), c[2])
                : Tape.Apply(gradient, c.G, c[0], c[1], c.Kept(0), c.Kept(1), c.Kept(2)));
        });

        // dx = γ (A p − a) is linear in g; as a function of the logits it is a multiple of the softmax p.
        Jointly<CrossEntropyGradient>(Saves.Inputs, (c, op) =>
        {
            RequireConstantWeights(c, 6);
            bool perSample = op.Loss.Reduction == Reduction.None;
            if (c.Needs(0))
            {
                Tensor ones = Tensor.Ones(c.InputShape(0), c.G.DType, c.G.Accelerator);
                Tensor unit = c.InputCount > 6 ? Tape.Apply(op, ones, c[1], c[2], c[3], c[4], c[5], c[6]) : Tape.Apply(op, ones, c[1], c[2], c[3], c[4], c[5]);
                Tensor product = c.G * unit;
                c.Set(0, perSample ? product.Sum(1) : product.Sum());
            }

            if (c.Needs(1))
            {
                Tensor g = perSample ? c[0].Unsqueeze(1) : c[0], p = Tape.Apply(new AlongAxis<Softmax>(1), c[1]);
                c.Set(1, Tape.Apply(new AlongAxis<SoftmaxGradient>(1), c.G * (g * c.Kept(0).Unsqueeze(1)), p));
            }
        });
    }

    private static void RequireConstantWeights(VjpContext c, int operand)
    {
        if (c.Needs(operand))
            throw new TapeException("CrossEntropy: class weights are constants and have no derivative, but a gradient was asked for. Pass weights.Detach().");
    }
}
