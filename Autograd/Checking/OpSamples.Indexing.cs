using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddIndexing()
    {
        Sample(new Gather(1), new Operand([3, 5, 2]), Operand.Indices([3, 7, 2], 5));
        Sample(new Gather(-1), new Operand([4, 6]), Operand.Indices([4, 3], 6));
        Sample(new ScatterSum(0, 4), new Operand([6, 3]), Operand.Indices([6, 3], 4));
        Sample(new ScatterSum(1, 5), new Operand([2, 7]), Operand.Indices([2, 7], 5));
        Sample(new IndexSelect(0), new Operand([5, 9]), Operand.Indices([7], 5));
        Sample(new IndexSelect(1), new Operand([2, 4, 3]), Operand.Indices([6], 4));
        Sample(new IndexSum(0, 5), new Operand([7, 9]), Operand.Indices([7], 5));
        Sample(new IndexSum(1, 4), new Operand([2, 6, 3]), Operand.Indices([6], 4));
        Sample(new IndexPut(1), new Operand([3, 5]), new Operand([3, 4]), new Operand([4]) { Type = DType.Int64, Values = [4, 0, 2, 0] });
        Sample(new ViewPut([new Slice(0, 3, 2, -2), new Select(1, -1)]), new Operand([4, 3, 2]), new Operand([1, 2]));
        foreach (ScatterReduction reduction in Enum.GetValues<ScatterReduction>())
        {
            foreach (bool includesSelf in (bool[])[true, false])
            {
                string label = $"{reduction}{(includesSelf ? "" : ", without itself")}";
                Sample(new OpSample(new ScatterReduce(1, reduction, includesSelf), [new([3, 5, 2], 0.5, 1.5), new([3, 7, 2], 0.6, 1.6), Operand.Indices([3, 7, 2], 5)], label)
                {
                    // The slope of a number's product with nothing is constant, but for rounding.
                    TwiceDifferentiable = includesSelf || reduction != ScatterReduction.Product,
                });
            }
        }

        Sample(new OpSample(new ScatterReduce(0, ScatterReduction.Product, false), [new([2], 0.5, 1.5), new([5], 0.6, 1.6), new([5]) { Values = [0, 1, 1, 0, 0], Type = DType.Int64 }], "without itself"));

        Sample(new OpSample(new ScatterReduce(0, ScatterReduction.Product, true), [new([3]) { Values = [0, 2, 3] }, new([5]) { Values = [2, 0, 3, 0, 0] },
            new([5]) { Values = [0, 1, 1, 2, 2], Type = DType.Int64 }], "zeros") { TwiceDifferentiable = false });
        Sample(new Where(), Operand.Mask([5, 1, 19]), new Operand([3, 1]), new Operand([5, 3, 19]));
        Sample(new MaskedFill(-2.5), new Operand([5, 19]), Operand.Mask([19]));
        Sample(new MaskedFill(0, Filled: false), new Operand([5, 19]), Operand.Mask([5, 19]));
        Diagonal diagonal = new(-1, 2, 0);
        Sample(diagonal, new Operand([3, 2, 5]));
        Sample(new DiagonalBackward(diagonal, [3, 2, 5]), new Operand([2, 3]));
        Sample(new Nonzero(), Operand.Mask([4, 5]));
        Sample(new Nonzero(Flat: true), Operand.Mask([4, 5]));
        Sample(new OneHot(6, DType.Int64), Operand.Indices([3, 4], 6));
    }
}
