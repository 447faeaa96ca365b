using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddOrdering()
    {
        Sample(new ArgSort(1, 7, false), new Operand([3, 7]));
        Sample(new ArgSort(0, 2, true), new Operand([20, 3]));
        Sample(new CumulativeSum(1, false), new Operand([3, 7]));
        Sample(new CumulativeSum(0, true), new Operand([4, 5]));
        Sample(new CumulativeProduct(1, false), new Operand([3, 7], 0.5, 1.5));
        Sample(new CumulativeProduct(0, true), new Operand([2, 70], 0.5, 1.5));
        Sample(new OpSample(new CumulativeProduct(1, false), [new([3, 4]) { Values = [1, 0, 3, 2, 0, 2, 0, 4, 1, 2, 3, 4] }], "zeros") { TwiceDifferentiable = false });
        Sample(new OpSample(new CumulativeProductGradient(1, false), [new([2, 5, 3]), new([2, 5, 3], 0.5, 1.5)]) { Constants = [1] });
        Sample(new OpSample(new CumulativeProductGradient(0, true), [new([6, 4]), new([6, 4], 0.5, 1.5)]) { Constants = [1] });
    }
}
