namespace Gradwright.Kernels;

/// <summary>A C# number in the element type of a tensor.</summary>
internal static class Scalar
{
    /// <exception cref="DTypeException">The tensor holds integers and the number is none.</exception>
    public static void CheckFits(Op op, double value, Tensor x)
    {
        if (!x.DType.IsFloating && value != Math.Floor(value))
            throw new DTypeException($"{op.Name}: {value} is not an integer, but {x.Describe()} holds integers. Write x.Cast(DType.Float32) first.");
    }

    /// <summary>The number's bytes as an element, in the low end of a long; next to truth values it stays a number.</summary>
    public static long BitsOf(double value, DType dtype) => (long)Tensor.WriteElement(value, dtype == DType.Bool ? DType.UInt8 : dtype);
}
