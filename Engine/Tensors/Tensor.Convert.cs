using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright;

public sealed unsafe partial class Tensor
{
    /// <summary>The elements in row-major order. Waits for the accelerator.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not the element type.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        RequireType<T>(nameof(ToArray));
        T[] values = GC.AllocateUninitializedArray<T>(checked((int)Count));
        CopyTo(values.AsSpan());
        return values;
    }

    /// <summary>Copies the elements in row-major order. Waits for the accelerator.</summary>
    public void CopyTo<T>(Span<T> destination) where T : unmanaged
    {
        RequireType<T>(nameof(CopyTo));
        if (destination.Length < Count)
            throw new ShapeException($"CopyTo: {Describe()} has {Count} elements, but the destination has room for {destination.Length}.");
        StepListener.Current?.ReadByHost(this);
        fixed (T* p = destination) Accelerator.GatherToHost(Buffer, _layout, sizeof(T), p);
        GC.KeepAlive(this);
    }

    /// <summary>Overwrites the elements with row-major values.</summary>
    public void CopyFrom<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        RequireType<T>(nameof(CopyFrom));
        if (values.Length != Count)
            throw new ShapeException($"CopyFrom: {Describe()} has {Count} elements, but {values.Length} values were given.");
        fixed (T* p = values) Accelerator.ScatterFromHost(p, Buffer, _layout, sizeof(T));
        Buffer.BumpVersion();
        StepListener.Current?.WrittenByHost(this);
        GC.KeepAlive(this);
    }

    /// <inheritdoc cref="CopyFrom{T}(ReadOnlySpan{T})"/>
    public void CopyFrom<T>(T[] values) where T : unmanaged => CopyFrom((ReadOnlySpan<T>)values);

    /// <summary>The only element, of any element type, as a double.</summary>
    /// <exception cref="ShapeException">There is not exactly one element.</exception>
    public double ToDouble()
    {
        if (Count != 1) throw new ShapeException($"ToDouble: {Describe()} has {Count} elements; only a tensor with one has a value. Reduce it first: Sum(), Mean().");
        StepListener.Current?.ReadByHost(this);
        Span<byte> bytes = stackalloc byte[8];
        fixed (byte* p = bytes) Accelerator.GatherToHost(Buffer, _layout, DType.Size, p);
        GC.KeepAlive(this);
        return ReadElement(bytes, DType);
    }

    /// <summary>A copy as a System.Numerics tensor.</summary>
    public System.Numerics.Tensors.Tensor<T> ToNumericsTensor<T>() where T : unmanaged
    {
        nint[] lengths = new nint[Rank];
        for (int i = 0; i < lengths.Length; i++) lengths[i] = (nint)Shape.Span[i];
        return System.Numerics.Tensors.Tensor.Create(ToArray<T>(), lengths);
    }

    /// <summary>The element of a tensor that has one.</summary>
    public static explicit operator double(Tensor tensor) => (tensor ?? throw new ArgumentNullException(nameof(tensor))).ToDouble();

    /// <summary>The element of a tensor that has one, rounded to single precision.</summary>
    public static explicit operator float(Tensor tensor) => (float)(tensor ?? throw new ArgumentNullException(nameof(tensor))).ToDouble();

    /// <summary>Overwrites every element, keeping the layout.</summary>
    public void FillInPlace(double value)
    {
        Buffer.BumpVersion();
        ulong pattern = WriteElement(value, DType);
        int size = DType.Size;
        if (_layout.IsDense)
        {
            // A dense layout covers one unbroken run of elements, whatever the order of its dimensions.
            Accelerator.Fill(Buffer, _layout.Offset * size, Count, size, pattern);
        }
        else
        {
            byte[] values = GC.AllocateUninitializedArray<byte>(checked((int)(Count * size)));
            for (int i = 0; i < values.Length; i++) values[i] = (byte)(pattern >> (i % size * 8));
            fixed (byte* p = values) Accelerator.ScatterFromHost(p, Buffer, _layout, size);
        }

        StepListener.Current?.Filled(this, value);
        GC.KeepAlive(this);
    }

    internal static double ReadElement(ReadOnlySpan<byte> bytes, DType dtype) => dtype switch
    {
        DType.Float32 => MemoryMarshal.Read<float>(bytes),
        DType.Float64 => MemoryMarshal.Read<double>(bytes),
        DType.Float16 => (double)MemoryMarshal.Read<Half>(bytes),
        DType.BFloat16 => MemoryMarshal.Read<BFloat16>(bytes),
        DType.Int64 => MemoryMarshal.Read<long>(bytes),
        DType.Int32 => MemoryMarshal.Read<int>(bytes),
        DType.Int8 => MemoryMarshal.Read<sbyte>(bytes),
        _ => bytes[0],
    };

    /// <summary>The number's bytes as an element, in the low end of a word.</summary>
    internal static ulong WriteElement(double value, DType dtype) => dtype switch
    {
        DType.Float32 => BitConverter.SingleToUInt32Bits((float)value),
        DType.Float64 => BitConverter.DoubleToUInt64Bits(value),
        DType.Float16 => BitConverter.HalfToUInt16Bits((Half)value),
        DType.BFloat16 => ((BFloat16)(float)value).ToBits(),
        DType.Int64 => (ulong)(long)value,
        DType.Int32 => (uint)(int)value,
        DType.Int8 => (byte)(sbyte)value,
        DType.UInt8 => (byte)value,
        _ => value != 0 ? 1UL : 0,
    };

    private void Clear() => FillInPlace(0);

    private void RequireType<T>(string operation) where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
            throw new DTypeException($"{operation}: {Describe()} does not hold {typeof(T).Name} values. Cast first: x.Cast(DType.{DTypes.Of<T>()}), or ask for {DType}.");
    }
}
