using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddReductions()
    {
        Sample(new SumTo([3, 1]), new Operand([2, 3, 5]));
    }
}
