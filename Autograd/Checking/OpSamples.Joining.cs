using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddJoining()
    {
        Sample(new Concat(1), new Operand([2, 3, 2]), new Operand([2, 1, 2]), new Operand([2, 4, 2]));
        Sample(new Concat(-1), new Operand([5]));
        Sample(new Split(1, [2, 0, 3]), new Operand([3, 5]));
        Sample(new Pad([1, 0, 2], [0, 3, 1], -0.5), new Operand([2, 3, 4]));
        foreach (bool reflects in (bool[])[true, false])
        {
            EdgePad border = new(new(1, 2), new(0, 1), new(3, 2), reflects);
            Shape shape = [2, 3, 4, 5];
            Sample(new OpSample(border, [new(shape)], reflects ? "mirrored" : "repeated"));
            Sample(new OpSample(new EdgePadGradient(border, shape), [new(border.PaddedShape(border, shape))], reflects ? "mirrored" : "repeated"));
        }

        Sample(new EdgePad(default, default, new(2, 3), true), new Operand([21]));
        Sample(new Triangle(false, 1), new Operand([2, 4, 5]));
        Sample(new Triangle(true, -1), new Operand([5, 3]));
        Sample(new Cast(DType.Float64), new Operand([3, 5]));
        Sample(new Transfer(CpuAccelerator.Instance, CpuAccelerator.Instance), new Operand([3, 5]));
        Sample(new Dropout(0.3, Key: 7, Counter: 5), new Operand([3, 23]));
        Sample(new OpSample(new Dropout(0.3, Key: 7, Counter: 5) { Scaled = false }, [new([3, 23])], "not scaled"));
        Sample(new OpSample(new Dropout(0.3, Key: 7, Counter: 5), [new([3, 23]), new([3, 23])], "added to a tensor"));
    }

    private static void AddRandom()
    {
        Sample(new Sequence(2, 0.5, 5, 7, DType.Float64));
        Sample(new RandomUniform([3, 7], -1, 2, DType.Float64, Key: 7, Counter: 5));
        Sample(new RandomNormal([3, 7], 0.5, 2, DType.Float32, Key: 7, Counter: 5));
        Sample(new RandomBernoulli([3, 7], 0.4, DType.Bool, Key: 7, Counter: 5));
        Sample(new RandomIntegers([3, 7], -5, 9, Key: 7, Counter: 5));
        Sample(new RandomPermutation(9, Key: 7, Counter: 5));
        Sample(new Multinomial(11, true, Key: 7, Counter: 5), new Operand([3, 2, 7], 0, 1));
        Sample(new Multinomial(4, false, Key: 7, Counter: 5), new Operand([3, 2, 7], 0, 1));
        Sample(new Multinomial(3, true, Key: 7, Counter: 5), new Operand([4]) { Values = [2, 0, 1, 3] });
    }
}
