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

    /// <summary>The number's bytes as an element, in the low end of a long.</summary>
    public static unsafe long BitsOf(double value, DType dtype)
    {
        long bits = 0;
        void* p = &bits;
        switch (dtype)
        {
            case DType.Float32: *(float*)p = (float)value; break;
            case DType.Float64: *(double*)p = value; break;
            case DType.Float16: *(Half*)p = (Half)value; break;
            case DType.BFloat16: *(BFloat16*)p = (BFloat16)(float)value; break;
            case DType.Int64: *(long*)p = (long)value; break;
            case DType.Int32: *(int*)p = (int)value; break;
            case DType.Int8: *(sbyte*)p = (sbyte)value; break;
            default: *(byte*)p = (byte)value; break;
        }

        return bits;
    }
}
