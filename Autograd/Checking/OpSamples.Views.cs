using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddViews()
    {
        Sample(new Reshape([6, 2]), new Operand([3, 4]));
        Sample(new Permute([2, 0, 1]), new Operand([2, 3, 4]));
        Sample(new Expand([4, 2, 3]), new Operand([2, 1]));
        Sample(new Unsqueeze(1), new Operand([2, 3]));
        Sample(new Squeeze(1), new Operand([2, 1, 3]));
        Slice slice = new(1, 4, 2, -3);
        Sample(slice, new Operand([2, 5]));
        Sample(new SliceBackward(slice, [2, 5]), new Operand([2, 2]));
        Select select = new(0, -1);
        Sample(select, new Operand([3, 4]));
        Sample(new SelectBackward(select, [3, 4]), new Operand([4]));
    }
}
