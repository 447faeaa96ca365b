using Gradwright.Kernels;

namespace Gradwright.Checking;

public sealed partial record OpSample
{
    /// <summary>
    /// Runs the op, or its derivatives, on 16-bit operands, and in Float32 on the same numbers.
    /// </summary>
    /// <param name="accelerator">Where.</param>
    /// <param name="half">Float16 or BFloat16.</param>
    /// <param name="gradients">Compare the gradients instead of the outputs.</param>
    /// <returns>The worst difference of a result, max|a−b| / max|b|: a few units of the last of 16 bits are due to rounding the result, and what lies between in a derivative.</returns>
    public ParityReport CheckHalf(Accelerator accelerator, DType half, bool gradients = false)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        if (!half.IsHalf) throw new DTypeException($"CheckHalf: {half} does not have 16 bits.");
        using TensorScope scope = new();
        Tensor[] x = [.. MakeOperands(DType.Float32).Select((t, i) => MovedTo(accelerator, t.DType == DType.Float32 && !(Op.MixesWidths && Constants.Contains(i)) ? new Cast(half).Execute(t) : t))];
        Tensor[] same = [.. x.Select(Widened)];
        Tensor[] actual = gradients ? GradientsOn(accelerator, x) : ResultsOn(accelerator, x)[..Op.OutputCount];
        Tensor[] expected = gradients ? GradientsOn(accelerator, same) : ResultsOn(accelerator, same)[..Op.OutputCount];
        return ParityReport.Compare([.. actual.Select(Widened)], expected);
    }

    private static Tensor MovedTo(Accelerator accelerator, Tensor x) => new Transfer(x.Accelerator, accelerator).Execute(x);

    private static Tensor Widened(Tensor x) => x.DType.IsHalf ? new Cast(DType.Float32).Execute(x) : x;
}
