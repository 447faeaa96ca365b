using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    /// <summary>A convolution is linear in image and weight, so each of the three ops is differentiated through the other two.</summary>
    private static void AddConvolution()
    {
        OfConvolution<Convolution1D>();
        OfConvolution<Convolution2D>();
        OfConvolution<Convolution3D>();
        NotDifferentiable<FusedConvolution>();       // compiled forward passes only
        Of<ConvolutionInputGradient>(
            (Saves.Input1, c => Tape.Apply(((ConvolutionInputGradient)c.Op).Forward, c.G, c[1])),
            (Saves.Input0, c => Tape.Apply(new ConvolutionWeightGradient(((ConvolutionInputGradient)c.Op).Forward), c.G, c[0])));
        Of<ConvolutionWeightGradient>(
            (Saves.Input1, c => Tape.Apply(new ConvolutionInputGradient(((ConvolutionWeightGradient)c.Op).Forward, c.InputShape(0)), c[1], c.G)),
            (Saves.Input0, c => Tape.Apply(((ConvolutionWeightGradient)c.Op).Forward, c[0], c.G)));
    }

    private static void OfConvolution<TOp>() where TOp : Convolution
        => Of<TOp>(
            (Saves.Input1, c => Tape.Apply(new ConvolutionInputGradient((TOp)c.Op, c.InputShape(0)), c.G, c[1])),
            (Saves.Input0, c => Tape.Apply(new ConvolutionWeightGradient((TOp)c.Op), c[0], c.G)),
            (Saves.Nothing, c => c.G.SumTo(((TOp)c.Op).BiasShape(c.InputShape(2)[0])).Reshape(c.InputShape(2))));

    private static void AddPooling()
    {
        Of<MaxPool2D>(Saves.Kept, (c, op) => Tape.Apply(new MaxPool2DInputGradient(op, c.InputShape(0)), c.G, c.Kept(0)));
        Of<MaxPool2DInputGradient>((Saves.Input1, c => Tape.Apply(new MaxPool2DPick(((MaxPool2DInputGradient)c.Op).Forward), c.G, c[1])));
        Of<MaxPool2DPick>((Saves.Input1, c => Tape.Apply(new MaxPool2DInputGradient(((MaxPool2DPick)c.Op).Forward, c.InputShape(0)), c.G, c[1])));
        Of<AveragePool2D>(Saves.Nothing, (c, op) => Tape.Apply(new AveragePool2DInputGradient(op, c.InputShape(0)), c.G));
        Of<AveragePool2DInputGradient>(Saves.Nothing, (c, op) => Tape.Apply(op.Forward, c.G));
    }
}
