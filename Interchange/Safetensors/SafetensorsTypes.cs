namespace Gradwright;

/// <summary>The format's names of the element types.</summary>
internal static class SafetensorsTypes
{
    public static string Names { get; } = string.Join(", ", DTypes.All.Select(NameOf));

    public static string NameOf(DType dtype) => dtype switch
    {
        DType.Float32 => "F32",
        DType.Float64 => "F64",
        DType.Float16 => "F16",
        DType.BFloat16 => "BF16",
        DType.Int64 => "I64",
        DType.Int32 => "I32",
        DType.Int8 => "I8",
        DType.UInt8 => "U8",
        _ => "BOOL",
    };

    public static DType? Find(string name)
    {
        foreach (DType dtype in DTypes.All)
            if (NameOf(dtype) == name) return dtype;
        return null;
    }
}
