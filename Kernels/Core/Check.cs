namespace Gradwright.Kernels;

/// <summary>The checks that ops share; each failure says which op, which operand, the rule and the remedy.</summary>
internal static class Check
{
    /// <summary>Operands of one op have one element type: there is no silent promotion.</summary>
    public static DType SameType(Op op, ReadOnlySpan<Tensor> x)
    {
        DType dtype = x[0].DType;
        for (int i = 1; i < x.Length; i++)
        {
            if (x[i].DType != dtype)
                throw new DTypeException($"{op.Name}: operand 0 is {x[0].Describe()}, operand {i} is {x[i].Describe()}. Element types must agree; write operand{i}.Cast(DType.{dtype}) or operand0.Cast(DType.{x[i].DType}).");
        }

        return dtype;
    }

    /// <summary>Float32 or Float64, the types that the CPU computes in.</summary>
    public static DType Floating(Op op, Tensor x)
        => x.DType is DType.Float32 or DType.Float64 ? x.DType
            : throw new DTypeException($"{op.Name}: {x.Describe()} is not Float32 or Float64. Write x.Cast(DType.Float32).");

    /// <summary>A type with arithmetic, Bool as bytes included: all but the 16-bit floating-point types.</summary>
    public static DType Number(Op op, Tensor x)
        => !x.DType.IsHalf ? x.DType
            : throw new DTypeException($"{op.Name}: does not compute in {x.DType}. Write x.Cast(DType.Float32).");

    /// <summary>An operand of one particular type, such as Int64 indices.</summary>
    public static void Type(Op op, string operand, Tensor x, DType expected)
    {
        if (x.DType != expected)
            throw new DTypeException($"{op.Name}: {operand} {x.Describe()} must be {expected}. Write x.Cast(DType.{expected}).");
    }

    public static void Rank(Op op, string operand, Tensor x, int rank, string meaning)
    {
        if (x.Rank != rank)
            throw new ShapeException($"{op.Name}: {operand} has shape {x.Shape}, but {rank} dimensions are expected: {meaning}. Reshape it, or add dimensions with Unsqueeze.");
    }

    public static void SameShape(Op op, string first, Tensor a, string second, Tensor b)
    {
        if (a.Shape != b.Shape)
            throw new ShapeException($"{op.Name}: {first} {a.Shape} and {second} {b.Shape} must have the same shape. Reshape or Expand one of them.");
    }
}
