using Gradwright.Checking;
using Gradwright.Kernels;

namespace Gradwright.Examples.SelfTest;

/// <summary>Samples of a size that keeps a device busy, one or two per family of kernels.</summary>
internal static class LargeSamples
{
    public static IEnumerable<OpSample> All()
    {
        Operand vector = new([1 << 22]);
        yield return new(Binary<Add>.Instance, [vector, vector]);
        yield return new(Unary<Exp>.Instance, [vector]);
        yield return new(Unary<Gelu>.Instance, [vector]);
        yield return new(Binary<Multiply>.Instance, [new([2048, 2048]), new([2048])], "broadcast");
        yield return new(new Cast(DType.BFloat16), [vector]);
        yield return new(Unary<Relu>.Instance, [new([1 << 20])]);
        yield return new(Reduce<Sum>.Whole(1), [new([1 << 22], 0, 1)], "all");        // of one sign: a sum that cancels would compare nothing but rounding
        yield return new(new Reduce<Sum>([1], false), [new([2048, 2048])], "rows");
        yield return new(new Reduce<Sum>([0], false), [new([2048, 2048])], "columns");
        yield return new(new Reduce<Variance>([1], false), [new([2048, 2048])], "rows");
        yield return new(new ArgReduce<Max>(1, false), [new([2048, 2048])]);
        yield return new(new AlongAxis<Softmax>(1), [new([4096, 1000], -3, 3)]);
        yield return new(new AlongAxis<SoftmaxGradient>(1), [new([4096, 1000]), new([4096, 1000], 0, 1e-3)]);
        yield return new(new CrossEntropy(Reduction.Mean, -100, 0), [new([4096, 1000], -3, 3), Operand.Indices([4096], 1000)]);
        yield return new(new BatchNorm(1e-5), [new([32, 64, 28, 28]), new([64], 0.5, 1.5), new([64])]);
        yield return new(new CumulativeSum(1, false), [new([2048, 1024])]);
        foreach (long n in (long[])[256, 1024])
            yield return Product([n, n], [n, n], $"{n}");
        yield return Product([64, 784], [784, 256], "small batch");
        yield return Product([1, 2048], [2048, 2048], "vector");
        yield return Product([32, 16384], [16384, 32], "long sum");
        yield return Product([64, 128, 64], [64, 64, 128], "batched");
        foreach (OpSample sample in Convolution(new(new(3, 1, 1), new(3, 1, 1)), [16, 64, 32, 32], 64, "3×3")) yield return sample;
        foreach (OpSample sample in Convolution(new(new(1), new(1)), [16, 128, 28, 28], 128, "1×1")) yield return sample;
        foreach (OpSample sample in Convolution(new(new(3, 1, 1), new(3, 1, 1), 64), [16, 64, 32, 32], 64, "depthwise")) yield return sample;
        yield return new(new MaxPool2D(new(2, 2), new(2, 2)), [new([32, 64, 32, 32])]);
        yield return new(new AveragePool2D(new(2, 2), new(2, 2)), [new([32, 64, 32, 32])]);
        yield return new(new IndexSelect(0), [new([10_000, 128]), Operand.Indices([8192], 10_000)], "embedding");
        yield return new(new IndexSum(0, 10_000), [new([8192, 128]), Operand.Indices([8192], 10_000)], "embedding's gradient");
        yield return new(new ArgSort(1, 1024, false), [new([512, 1024])]);
        yield return new(new Dropout(0.3, Key: 7, Counter: 5), [vector]);
        yield return new(new RandomNormal([1 << 21], 0, 1, DType.Float32, Key: 7, Counter: 5), []);
    }

    private static OpSample Product(Shape a, Shape b, string label)
        => new(MatMul.Instance, [new(a), new(b)], label) { Flops = 2.0 * a.Count * b[^1] };

    private static IEnumerable<OpSample> Convolution(Convolution2D op, Shape input, long filters, string label)
    {
        ConvolutionShape shape = new(op, op, input, filters);
        Operand x = new(input), weight = new(shape.Weight), gradient = new(shape.Output);
        double flops = 2 * shape.Products;
        yield return new(op, [x, weight], label) { Flops = flops };
        yield return new(new ConvolutionInputGradient(op, input), [gradient, weight], label) { Flops = flops };
        yield return new(new ConvolutionWeightGradient(op), [x, gradient], label) { Flops = flops };
    }
}
