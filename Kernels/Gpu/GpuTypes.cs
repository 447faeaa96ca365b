namespace Gradwright.Kernels;

/// <summary>How the kernels' dialect calls element types.</summary>
internal static class GpuTypes
{
    /// <summary>The type for arithmetic; Bool counts as bytes 0 and 1, the 16-bit floating-point types as their bits.</summary>
    public static string Number(DType dtype) => dtype switch
    {
        DType.Float32 => "float",
        DType.Float64 => "double",
        DType.Int64 => "i64",
        DType.Int32 => "int",
        DType.Int8 => "i8",
        DType.UInt8 or DType.Bool => "u8",
        _ => "u16",
    };

    /// <summary>The type that moves elements without looking at them.</summary>
    public static string Bits(int size) => size switch
    {
        1 => "u8",
        2 => "u16",
        4 => "u32",
        _ => "u64",
    };

    /// <summary>A number as an argument in the element type.</summary>
    public static void AddScalar(ref KernelArguments arguments, ulong bits, int size)
    {
        switch (size)
        {
            case 1: arguments.Value((byte)bits); break;
            case 2: arguments.Value((ushort)bits); break;
            case 4: arguments.Value((uint)bits); break;
            default: arguments.Value(bits); break;
        }
    }
}
