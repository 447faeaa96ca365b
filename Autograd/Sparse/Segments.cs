using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Which segment each of E positions belongs to, prepared once for sums, maxima and softmaxes over segments: sorted, so that every segment gathers its own positions in
/// order, on every accelerator with the same bits. Ids need not be sorted, and segments may be empty.
/// </summary>
public sealed class Segments : IDisposable
{
    /// <summary>Prepares segments.</summary>
    /// <param name="ids">Int64 [E], 0 .. count − 1: each position's segment.</param>
    /// <param name="count">Number of segments.</param>
    /// <exception cref="ShapeException">An id is out of range; on a GPU thrown when the host next waits for it.</exception>
    public Segments(Tensor ids, long count)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (ids.DType != DType.Int64) throw new DTypeException($"Segments: ids {ids.Describe()} must be Int64. Write ids.Cast(DType.Int64).");
        if (ids.Rank != 1) throw new ShapeException($"Segments: ids {ids.Shape} must be [positions], one id per position.");
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        Tensor counts = Tape.Apply(new IndexSum(0, count), Tensor.Ones([ids.Count], DType.Int64, ids.Accelerator), ids);
        Tensor zero = Tensor.Zeros([1], DType.Int64, ids.Accelerator);
        Count = count;
        Ids = Own(ids.Copy());
        Pointers = Own(count == 0 ? zero : Tensor.Concat([zero, counts.CumulativeSum(0)]));
        Order = Own(Tape.Apply(new ArgSort(0, ids.Count, Descending: false), ids));
        Units = Own(Tensor.Arange(ids.Count + 1).To(ids.Accelerator));
    }

    /// <summary>Number of segments.</summary>
    public long Count { get; }

    /// <summary>Number of positions.</summary>
    public long Positions => Ids.Count;

    /// <summary>The segment of each position, [E].</summary>
    public Tensor Ids { get; }

    /// <summary>Where each segment begins in <see cref="Order"/>, and where the last one ends: [Count + 1].</summary>
    public Tensor Pointers { get; }

    /// <summary>The positions, segment by segment, [E].</summary>
    public Tensor Order { get; }

    /// <summary>0 .. E: every position as a segment of its own, for the way back.</summary>
    internal Tensor Units { get; }

    /// <summary>Positions of each segment, [Count], in a floating-point type.</summary>
    public Tensor Lengths(DType dtype = DType.Float32)
    {
        using TensorScope scope = new();
        return TensorScope.Keep((Pointers.Slice(0, 1, Count) - Pointers.Slice(0, 0, Count)).Cast(dtype));
    }

    /// <summary>Frees the lists. They belong to this object, not to a scope.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[Ids, Pointers, Order, Units]) tensor.Dispose();
    }

    /// <summary>Takes a new tensor out of its scope.</summary>
    internal static Tensor Own(Tensor tensor)
    {
        TensorScope.Release(tensor);
        return tensor;
    }
}
