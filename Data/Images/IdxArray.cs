using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>The content of an idx file: a dense array in row-major order, its numbers in the byte order of this machine.</summary>
public sealed class IdxArray
{
    private readonly int[] _shape;
    private readonly byte[] _bytes;

    internal IdxArray(IdxType type, int[] shape, byte[] bytes) => (Type, _shape, _bytes) = (type, shape, bytes);

    /// <summary>
    /// An array to write: <paramref name="values"/> are copied. <paramref name="shape"/> has 1 to 255 positive sizes whose product is the number of
    /// values.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes do not fit the values, or the type has no idx code.</exception>
    public static IdxArray Create<T>(ReadOnlySpan<T> values, params ReadOnlySpan<int> shape) where T : unmanaged
    {
        long count = 1;
        foreach (int size in shape) count = size > 0 && count <= Array.MaxLength ? count * size : -1;
        if (shape.Length is 0 or > 255 || count != values.Length)
            throw new ArgumentException($"idx: the shape [{string.Join(", ", shape.ToArray())}] does not hold exactly the {values.Length} values " +
                "given. Give 1 to 255 positive sizes whose product is the number of values.", nameof(shape));
        return new IdxArray(TypeOf<T>(), shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>The element type.</summary>
    public IdxType Type { get; }

    /// <summary>The sizes, outermost first: [60000, 28, 28] for the MNIST images.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>All bytes, each number in the byte order of this machine.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The numbers as <typeparamref name="T"/>, which has to be the stored type: nothing is converted.</summary>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => TypeOf<T>() == Type
        ? MemoryMarshal.Cast<byte, T>(_bytes)
        : throw new ArgumentException($"idx: the array holds {Type}, not {typeof(T).Name}. Ask for {Type} and convert.");

    internal static int SizeOf(IdxType type) => type switch
    {
        IdxType.UInt8 or IdxType.Int8 => 1,
        IdxType.Int16 => 2,
        IdxType.Int32 or IdxType.Float32 => 4,
        IdxType.Float64 => 8,
        _ => 0,
    };

    private static IdxType TypeOf<T>() =>
        typeof(T) == typeof(byte) ? IdxType.UInt8 :
        typeof(T) == typeof(sbyte) ? IdxType.Int8 :
        typeof(T) == typeof(short) ? IdxType.Int16 :
        typeof(T) == typeof(int) ? IdxType.Int32 :
        typeof(T) == typeof(float) ? IdxType.Float32 :
        typeof(T) == typeof(double) ? IdxType.Float64 :
        throw new ArgumentException($"idx: {typeof(T).Name} is not an idx type. The format has byte, sbyte, short, int, float and double.");
}
