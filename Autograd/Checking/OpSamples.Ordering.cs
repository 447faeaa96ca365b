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
    }
}
