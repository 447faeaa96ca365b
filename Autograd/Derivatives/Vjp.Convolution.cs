using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    /// <summary>A convolution is linear in image and weight, so each of the three ops is differentiated through the other two.</summary>
    private static void AddConvolution()
    {
        Of<Convolution2D>(
            (Saves.Input1, c => Tape.Apply(new ConvolutionInputGradient((Convolution2D)c.Op, c.InputShape(0)), c.G, c[1])),
            (Saves.Input0, c => Tape.Apply(new ConvolutionWeightGradient((Convolution2D)c.Op), c[0], c.G)),
            (Saves.Nothing, c => c.G.SumTo([c.InputShape(2)[0], 1, 1]).Reshape(c.InputShape(2))));
        Of<ConvolutionInputGradient>(
            (Saves.Input1, c => Tape.Apply(((ConvolutionInputGradient)c.Op).Forward, c.G, c[1])),
            (Saves.Input0, c => Tape.Apply(new ConvolutionWeightGradient(((ConvolutionInputGradient)c.Op).Forward), c.G, c[0])));
        Of<ConvolutionWeightGradient>(
            (Saves.Input1, c => Tape.Apply(new ConvolutionInputGradient(((ConvolutionWeightGradient)c.Op).Forward, c.InputShape(0)), c[1], c.G)),
            (Saves.Input0, c => Tape.Apply(((ConvolutionWeightGradient)c.Op).Forward, c[0], c.G)));
    }
}
