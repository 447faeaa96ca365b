using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddMatMul()
    {
        Sample(new OpSample(MatMul.Instance, [new([7, 13]), new([13, 5])]) { Flops = 2 * 7 * 13 * 5 });
        Sample(new OpSample(MatMul.Instance, [new([6, 4]), new([4, 3]), new([3])], "bias"));
        Sample(new OpSample(MatMul.Instance, [new([3, 2, 4]), new([3, 4, 5])], "batched"));
        Sample(new OpSample(MatMul.Instance, [new([2, 3, 4]), new([4, 5]), new([5])], "one right side, bias"));
        Sample(new OpSample(MatMul.Instance, [new([2, 1, 3, 4]), new([3, 4, 2])], "broadcast"));
        Sample(new OpSample(new ActivatedMatMul(Activation.Relu), [new([6, 4]), new([4, 3]), new([3])], "bias"));
        Sample(new OpSample(new ActivatedMatMul(Activation.Relu), [new([2, 3, 4]), new([4, 5])], "one right side"));
        Sample(new OpSample(new FusedMatMul(Activation.Gelu), [new([14, 9]), new([9, 35]), new([35])], "activation"));
        Sample(new OpSample(new FusedMatMul(Activation.Relu), [new([2, 3, 4]), new([4, 5]), new([5]), new([2, 3, 5])], "sum and activation"));
        Sample(new OpSample(new FusedMatMul(Activation.None), [new([1, 40]), new([40, 6]), new([6]), new([1, 6])], "a row and a sum"));
    }
}
