using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddNormalization()
    {
        foreach (Shape shape in (Shape[])[[5, 3], [4, 19], [3, 2, 5], [2, 3, 4, 5]])
        {
            Operand x = new(shape), scale = new([shape[1]], 0.5, 1.5), channel = new([shape[1]]);
            Sample(new BatchNorm(1e-5), x, scale, channel);
            Sample(new BatchNormInference(1e-5), x, channel, scale, scale, channel);
            Sample(new OpSample(new BatchNormGradient(), [new(shape), x, channel, scale, scale]) { Constants = [1, 2, 3, 4] });
        }

        Sample(new BatchNorm(0.1), new Operand([3, 2, 17]));
        Sample(new BatchNormInference(0.1), new Operand([3, 2, 17]), new Operand([2]), new Operand([2], 0.5, 1.5));
        Sample(new OpSample(new BatchNormGradient(), [new([3, 2, 17]), new([3, 2, 17]), new([2]), new([2], 0.5, 1.5)]) { Constants = [1, 2, 3] });

        // Rows of less than a register, more than one, and many of them; per element, per channel, per sample and channel.
        RowNorm(new LayerNorm(1, 1e-5), [4, 7], [7], 2);
        RowNorm(new LayerNorm(1, 1e-5), [3, 2, 37], [37], 2);
        RowNorm(new LayerNorm(2, 1e-5), [37, 3, 5], [3, 5], 2);
        RowNorm(new LayerNorm(1, 0.1), [5, 19], [19], 1);
        RowNorm(new LayerNorm(3, 1e-5), [2, 3, 2], [3, 2], 0);
        RowNorm(new RmsNorm(1, 1e-6), [4, 7], [7], 1);
        RowNorm(new RmsNorm(2, 1e-6), [37, 3, 5], [3, 5], 1);
        RowNorm(new RmsNorm(1, 0.1), [3, 19], [19], 0);
        RowNorm(new GroupNorm(2, 1e-5), [3, 6, 2, 5], [6], 2);
        RowNorm(new GroupNorm(1, 1e-5), [3, 4, 9], [4], 2);
        RowNorm(new GroupNorm(5, 1e-5), [2, 5, 3, 7], [5], 1);
        RowNorm(new GroupNorm(3, 1e-5), [4, 12], [12], 2);
        RowNorm(new GroupNorm(2, 0.1), [3, 4, 5], [3, 4], 2);
        RowNorm(new GroupNorm(2, 1e-5), [3, 4, 5], [], 0);
    }

    /// <summary>A normalisation of rows and its gradient.</summary>
    private static void RowNorm(RowNorm op, Shape shape, Shape affineShape, int affine)
    {
        // On the CPU in any case: samples are also made where the default accelerator is not there.
        using Tensor sized = Tensor.Empty(shape, accelerator: CpuAccelerator.Instance);
        Operand x = new(shape), scale = new(affineShape, 0.5, 1.5), rows = new([op.RowsOf(sized).Rows], -0.5, 0.5), inverse = rows with { Low = 0.5, High = 1.5 };
        string label = affine == 0 ? "" : affine == 1 ? "scale" : "scale and shift";
        Sample(new OpSample(op, [x, .. new[] { scale, new(affineShape) }[..affine]], label));
        Operand[] statistics = op.Centers ? [inverse, rows] : [inverse];
        Operand[] all = [new(shape), x, .. statistics, .. new[] { scale }[..Math.Min(1, affine)]];
        Sample(new OpSample(new RowNormGradient(op, affine), all, $"of {op.Name}, {label}") { Constants = [.. Enumerable.Range(1, all.Length - 1)] });
    }
}
