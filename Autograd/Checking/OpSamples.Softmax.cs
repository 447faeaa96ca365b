using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddSoftmax()
    {
        Lines<Softmax>();
        Lines<LogSoftmax>();
        Lines<SoftmaxGradient>(0.1);
        Lines<LogSoftmaxGradient>();

        Operand logits = new([5, 7], -3, 3), targets = Operand.Indices([5], 7), weights = new([7], 0.5, 2);
        foreach (Reduction reduction in Enum.GetValues<Reduction>())
        {
            Sample(new OpSample(new CrossEntropy(reduction, -100, 0), [logits, targets], $"{reduction}"));
            Sample(new OpSample(new CrossEntropy(reduction, 2, 0.1), [logits, targets, weights], $"{reduction}, weighted, smoothed") { Constants = [2] });
        }

        Sample(new OpSample(new CrossEntropy(Reduction.Mean, 1, 0.2), [new([2, 3, 19], -3, 3), Operand.Indices([2, 19], 3)], "pixels"));

        CrossEntropy loss = new(Reduction.None, -100, 0);
        double[] x = [1, 0, 2, -1, 0.5, 0.25], sums = [.. new[] { (1.0, 0.0, 2.0), (-1, 0.5, 0.25) }.Select(r => Math.Log(Math.Exp(r.Item1) + Math.Exp(r.Item2) + Math.Exp(r.Item3)))];
        Sample(new OpSample(new CrossEntropyGradient(loss),
            [new([2]), new([2, 3]) { Values = x }, Operand.Indices([2], 3), new([2]) { Values = [0, 0] }, new([2]) { Values = sums }, new([]) { Values = [2] }])
        {
            // The kept sums belong to just these logits.
            Constants = [1, 3, 4, 5],
        });
    }

    private static void Lines<TFunction>(double low = -2) where TFunction : struct, ILineFunction
    {
        Operand[] Make(Shape shape) => TFunction.Operands == 1 ? [new(shape, low, 2)] : [new(shape), new(shape, low, 2)];
        Sample(new OpSample(new AlongAxis<TFunction>(1), Make([4, 37]), "rows"));
        Sample(new OpSample(new AlongAxis<TFunction>(0), Make([5, 19]), "columns"));
        Sample(new OpSample(new AlongAxis<TFunction>(1), Make([2, 3, 4]), "middle"));
    }
}
