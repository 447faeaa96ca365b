namespace Gradwright.Kernels;

/// <summary>What mixed precision makes of an op's operands.</summary>
public enum PrecisionRole
{
    /// <summary>As they come; where widths differ, in Float32.</summary>
    Any,

    /// <summary>16 bits: products, whose operands may be rounded, and whose sums stay in Float32.</summary>
    Half,

    /// <summary>Float32: sums of many numbers, probabilities, losses.</summary>
    Single,
}

public abstract partial record Op
{
    /// <summary>The type of the first 16-bit floating-point operand, if there is one.</summary>
    private static DType? HalfType(ReadOnlySpan<Tensor> x)
    {
        foreach (Tensor tensor in x)
            if (tensor.DType.IsHalf) return tensor.DType;
        return null;
    }

    /// <summary>16-bit numbers are stored, not computed with: the operands are widened, and the outputs rounded. What is kept for the backward pass stays in Float32.</summary>
    private void ExecuteWidened(DType half, ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        for (int i = 0; i < x.Length; i++)
        {
            DType type = x[i].DType;
            if (type == half || !type.IsFloating || (MixesWidths && type == DType.Float32)) continue;
            throw new DTypeException($"{Name}: operand {i} {x[i].Describe()} meets {half} operands. Element types must agree; write x.Cast(DType.{half}), or DType.Float32 for all.");
        }

        Tensor[] wide = new Tensor[x.Length];
        try
        {
            for (int i = 0; i < x.Length; i++) wide[i] = x[i].DType == half ? new Cast(DType.Float32).Execute(x[i]) : x[i];
            // Numbers of 16 bits have no more digits than these units take, so nothing is rounded once more.
            using (Precision == PrecisionRole.Half ? (half == DType.BFloat16 ? MatMulPrecision.BFloat16 : MatMulPrecision.TensorFloat32).Use() : MatMulPrecisions.Current.Use())
                Execute(wide, y, keep);
        }
        finally
        {
            for (int i = 0; i < x.Length; i++)
                if (!ReferenceEquals(wide[i], x[i])) wide[i]?.Dispose();
        }

        for (int j = 0; j < OutputCount; j++)
        {
            if (y[j]!.DType != DType.Float32 || StaysWide(j, x)) continue;
            Tensor result = y[j]!;
            y[j] = new Cast(half).Execute(result);
            result.Dispose();
        }
    }

    /// <summary>Whether an output is Float32 although an operand has 16 bits: the gradient of a Float32 operand.</summary>
    private protected virtual bool StaysWide(int output, ReadOnlySpan<Tensor> x) => false;
}
