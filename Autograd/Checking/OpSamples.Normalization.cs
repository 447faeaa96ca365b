using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddNormalization()
    {
        foreach (Shape shape in (Shape[])[[5, 3], [4, 19], [3, 2, 5], [2, 3, 4, 5]])
        {
            Operand x = new(shape), scale = new([shape[1]], 0.5, 1.5), channel = new([shape[1]]);
            Sample(new BatchNorm(1e-5), x, scale, channel);
            Sample(new BatchNormInference(1e-5), x, channel, scale, scale, channel);
            Sample(new OpSample(new BatchNormGradient(), [new(shape), x, channel, scale, scale]) { Constants = [1, 2, 3, 4] });
        }

        Sample(new BatchNorm(0.1), new Operand([3, 2, 17]));
        Sample(new BatchNormInference(0.1), new Operand([3, 2, 17]), new Operand([2]), new Operand([2], 0.5, 1.5));
        Sample(new OpSample(new BatchNormGradient(), [new([3, 2, 17]), new([3, 2, 17]), new([2]), new([2], 0.5, 1.5)]) { Constants = [1, 2, 3] });
    }
}
