using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddReductions()
    {
        Sample(new SumTo([3, 1]), new Operand([2, 3, 5]));
        Reductions<Sum>();
        Reductions<Mean>();
        Reductions<Max>();
        Reductions<Min>();
        Reductions<Prod>(0.5, 1.5);
        Reductions<LogSumExp>(-3, 3);
        Reductions<EuclideanNorm>();
        Sample(new OpSample(new Reduce<Prod>([1], false), [new([3, 4]) { Values = [1, 0, 3, 2, 0, 2, 0, 4, 1, 2, 3, 4] }], "zeros"));
        foreach (double correction in (double[])[0, 1])
        {
            Sample(new Reduce<Variance>([1], false) { Parameter = correction }, new Operand([3, 7]));
            Sample(new Reduce<Variance>([0, 2], true) { Parameter = correction }, new Operand([2, 3, 5]));
        }

        Sample(new ArgReduce<Max>(1, false), new Operand([3, 7]));
        Sample(new ArgReduce<Min>(0, true), new Operand([3, 7]));
        Sample(new ReduceTruth<Any>([1], false), Operand.Mask([5, 3]));
        Sample(new ReduceTruth<All>([0], true), Operand.Mask([3, 5]));
        Sample(new ReduceTruth<CountNonzero>([0, 1], false), Operand.Mask([3, 5]));

        Sample(Binary<EqualityMask>.Instance, new Operand([3, 4]), new Operand([4]));
        Sample(new OpSample(Binary<SafeDivide>.Instance, [new([3, 5]), new([3, 1], 0.5, 2)]) { HalfSlack = 2 });
        Sample(Binary<ExpDifference>.Instance, new Operand([3, 5]), new Operand([3, 1], 0.5, 2));
        Sample(new OpSample(new ProductOfOthers(), [new([3, 4]) { Values = [1, 0, 3, 2, 0, 2, 0, 4, 1, 2, 3, 4] }]) { TwiceDifferentiable = false });
        Sample(new OpSample(new ProductOfOthersTangent(), [new([3, 4], 0.5, 1.5), new([3, 4])]) { Constants = [0] });
    }

    private static void Reductions<TReduction>(double low = -1, double high = 1) where TReduction : struct, IReduction
    {
        Sample(new OpSample(new Reduce<TReduction>([1], false), [new([3, 37], low, high)], "rows"));
        Sample(new OpSample(new Reduce<TReduction>([0], true), [new([5, 19], low, high)], "columns"));
        Sample(new OpSample(new Reduce<TReduction>([0, 2], false), [new([3, 4, 5], low, high)], "outer and inner"));
        Sample(new OpSample(Reduce<TReduction>.Whole(2), [new([7, 3], low, high)], "all"));
    }
}
