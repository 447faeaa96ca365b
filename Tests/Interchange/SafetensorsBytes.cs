using System.Runtime.InteropServices;

namespace Gradwright.Tests.Interchange;

/// <summary>Raw bytes, for comparing what was read with what was written.</summary>
internal static class SafetensorsBytes
{
    /// <summary>The elements in row-major order, bit for bit, through the tensor's public copy.</summary>
    public static byte[] Of(Tensor tensor) => tensor.DType switch
    {
        DType.Float32 => Of<float>(tensor),
        DType.Float64 => Of<double>(tensor),
        DType.Float16 => Of<Half>(tensor),
        DType.BFloat16 => Of<BFloat16>(tensor),
        DType.Int64 => Of<long>(tensor),
        DType.Int32 => Of<int>(tensor),
        DType.Int8 => Of<sbyte>(tensor),
        DType.UInt8 => Of<byte>(tensor),
        _ => Of<bool>(tensor),
    };

    /// <summary>A file with this header and these data.</summary>
    public static byte[] File(ReadOnlySpan<byte> header, params ReadOnlySpan<byte> data) => [.. BitConverter.GetBytes((long)header.Length), .. header, .. data];

    private static byte[] Of<T>(Tensor tensor) where T : unmanaged => MemoryMarshal.AsBytes(tensor.ToArray<T>().AsSpan()).ToArray();
}
