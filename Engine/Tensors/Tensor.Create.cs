namespace Gradwright;

public sealed unsafe partial class Tensor
{
    /// <summary>A row-major tensor with undefined contents.</summary>
    public static Tensor Empty(Shape shape, DType dtype = DType.Float32, Accelerator? accelerator = null)
        => Empty(Layout.Contiguous(shape), dtype, accelerator);

    /// <summary>A tensor of zeros (false for Bool).</summary>
    public static Tensor Zeros(Shape shape, DType dtype = DType.Float32, Accelerator? accelerator = null)
    {
        Tensor tensor = Empty(shape, dtype, accelerator);
        tensor.Clear();
        return tensor;
    }

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(Shape shape, DType dtype = DType.Float32, Accelerator? accelerator = null) => Full(shape, 1, dtype, accelerator);

    /// <summary>A tensor in which every element is <paramref name="value"/>, rounded to the element type.</summary>
    public static Tensor Full(Shape shape, double value, DType dtype = DType.Float32, Accelerator? accelerator = null)
    {
        Tensor tensor = Empty(shape, dtype, accelerator);
        tensor.FillInPlace(value);
        return tensor;
    }

    /// <summary>A scalar (shape []).</summary>
    public static Tensor Scalar(double value, DType dtype = DType.Float32, Accelerator? accelerator = null) => Full([], value, dtype, accelerator);

    /// <summary>A copy of row-major values.</summary>
    /// <exception cref="ShapeException">There are not as many values as the shape has elements.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, Shape shape, Accelerator? accelerator = null) where T : unmanaged
    {
        DType dtype = DTypes.Of<T>();
        if (values.Length != shape.Count)
            throw new ShapeException($"From: shape {shape} has {shape.Count} elements, but {values.Length} values were given.");
        Tensor tensor = Empty(shape, dtype, accelerator);
        tensor.CopyFrom(values);
        return tensor;
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, Shape, Accelerator?)"/>
    public static Tensor From<T>(T[] values, Shape shape, Accelerator? accelerator = null) where T : unmanaged
        => From((ReadOnlySpan<T>)values, shape, accelerator);

    /// <summary>A vector.</summary>
    public static Tensor From<T>(params T[] values) where T : unmanaged => From((ReadOnlySpan<T>)values, [values.Length]);

    /// <summary>A matrix.</summary>
    public static Tensor From<T>(T[,] values, Accelerator? accelerator = null) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        fixed (T* first = values)
            return From(new ReadOnlySpan<T>(first, values.Length), [values.GetLength(0), values.GetLength(1)], accelerator);
    }

    /// <summary>A copy of a System.Numerics tensor of any layout.</summary>
    public static Tensor From<T>(System.Numerics.Tensors.Tensor<T> values, Accelerator? accelerator = null) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        T[] flat = new T[checked((int)values.FlattenedLength)];
        values.FlattenTo(flat);
        long[] lengths = new long[values.Rank];
        for (int i = 0; i < lengths.Length; i++) lengths[i] = values.Lengths[i];
        return From((ReadOnlySpan<T>)flat, lengths, accelerator);
    }

    /// <summary>A tensor over memory of the caller's, without a copy. The buffer must outlive it or release itself.</summary>
    public static Tensor Over(MemoryBuffer buffer, Layout layout, DType dtype)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentNullException.ThrowIfNull(layout);
        ObjectDisposedException.ThrowIf(buffer.Pointer == 0 && buffer.Length > 0, buffer);
        (long first, long last) = layout.Extent();
        if (first < 0 || (last + 1) * dtype.Size > buffer.Length)
            throw new ShapeException($"Over: layout {layout.Shape} with strides [{Shape.Join(layout.Strides)}] and offset {layout.Offset} touches elements {first} to {last}, "
                + $"but the buffer holds {buffer.Length / dtype.Size} of {dtype}.");
        buffer.AddReference();
        return new(buffer, layout, dtype);
    }

    internal static Tensor Empty(Layout layout, DType dtype, Accelerator? accelerator = null, Ownership ownership = Ownership.Scope)
        => new((accelerator ?? Accelerator.Default).Pool.Rent(layout.Count * dtype.Size), layout, dtype, ownership);
}
