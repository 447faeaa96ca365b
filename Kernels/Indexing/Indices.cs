using System.Numerics.Tensors;

namespace Gradwright.Kernels;

/// <summary>Index operands: their type, their values, and what is said about a wrong one.</summary>
internal static unsafe class Indices
{
    /// <summary>The index row-major, once all of its values are known to lie in 0 .. bound−1; the caller disposes it.</summary>
    /// <param name="op">Who asks.</param>
    /// <param name="index">Int64.</param>
    /// <param name="bound">Number of positions.</param>
    /// <param name="target">What is being indexed, for the message.</param>
    /// <exception cref="ShapeException">A value lies outside; the message says which, where, and what the range is.</exception>
    public static Tensor Checked(Op op, Tensor index, long bound, string target)
    {
        Tensor packed = Packing.RowMajor(index);
        long* p = (long*)packed.Pointer;
        for (long done = 0, n = packed.Count; done < n;)
        {
            // Seen as unsigned, a negative number is too large as well.
            int part = (int)Math.Min(n - done, 1 << 30);
            if (TensorPrimitives.Max(new ReadOnlySpan<ulong>(p + done, part)) >= (ulong)bound)
            {
                long at = done;
                while ((ulong)p[at] < (ulong)bound) at++;
                ShapeException error = OutOfRange(op, at, p[at], index.Shape, bound, target);
                packed.Dispose();
                throw error;
            }

            done += part;
        }

        return packed;
    }

    /// <summary>The index is Int64, with one dimension.</summary>
    public static void RequireVector(Op op, Tensor index)
    {
        Check.Type(op, "index", index, DType.Int64);
        Check.Rank(op, "index", index, 1, "[positions]");
    }

    /// <summary>What is indexed, in words.</summary>
    public static string Target(int axis, Shape shape) => $"dimension {axis} of {shape}";

    /// <summary>The tensor seen as if every place along a dimension were its first, under an index's shape: the index's value is added by the kernel.</summary>
    public static Tensor FirstAlong(Tensor x, int axis, Shape shape)
    {
        long[] strides = x.Layout.Strides.ToArray();
        strides[axis] = 0;
        return x.Alias(new Layout(shape, strides, x.Layout.Offset), Tensor.Ownership.Internal);
    }

    /// <summary>A vector of one entry per position along a dimension, stretched over a shape.</summary>
    public static Tensor Stretch(Tensor vector, int axis, Shape shape)
    {
        Span<long> strides = stackalloc long[shape.Rank];
        strides.Clear();
        strides[axis] = vector.Layout.Strides[0];
        return vector.Alias(new Layout(shape, strides, vector.Layout.Offset), Tensor.Ownership.Internal);
    }

    /// <summary>The number of positions and <c>FAULTS</c>: a kernel checks the values itself, and the error is the same.</summary>
    public static void AddChecks(GpuAccelerator gpu, ref KernelArguments arguments, Op op, Shape index, long bound, Func<string> target)
    {
        arguments.Value(bound);
        gpu.Faults.AddTo(ref arguments, (at, value) => OutOfRange(op, at, value, index, bound, target()));
    }

    private static ShapeException OutOfRange(Op op, long at, long value, Shape shape, long bound, string target)
    {
        long[] position = new long[shape.Rank];
        long rest = at;
        for (int d = shape.Rank - 1; d >= 0; d--) (rest, position[d]) = Math.DivRem(rest, shape.Span[d]);
        string range = bound == 0 ? "has no positions" : $"has positions 0 to {bound - 1}";
        return new($"{op.Name}: index {value} at position [{Shape.Join(position)}] of the index tensor {shape} is out of range: {target} {range}."
            + (value < 0 ? " In an index tensor, negative numbers do not count from the end." : ""));
    }
}
