using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>Numbers as the bytes of a constant.</summary>
internal static class OnnxNumbers
{
    public static byte[] Bytes(ReadOnlySpan<long> numbers) => MemoryMarshal.AsBytes(numbers).ToArray();

    public static byte[] Bytes(ReadOnlySpan<double> numbers, DType dtype)
    {
        byte[] bytes = new byte[numbers.Length * dtype.Size];
        for (int i = 0; i < numbers.Length; i++)
        {
            ulong element = Tensor.WriteElement(numbers[i], dtype);
            MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in element))[..dtype.Size].CopyTo(bytes.AsSpan(i * dtype.Size));
        }

        return bytes;
    }
}
