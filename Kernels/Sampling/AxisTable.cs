using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>A linear map along one axis as a table: result i is Σₜ weight[i, t] · element[first[i] + t]. Made from a plan, or from its transpose.</summary>
internal readonly unsafe struct AxisTable<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Results, elements, and the most elements that one result takes.</summary>
    public readonly int Results, Elements, Taps;

    public readonly int* First, Count;

    /// <summary>[results, taps].</summary>
    public readonly T* Weights;

    private AxisTable(in AxisPlan plan, bool transposed, int taps, byte* memory)
    {
        (Results, Elements, Taps) = transposed ? ((int)plan.Input, (int)plan.Output, taps) : ((int)plan.Output, (int)plan.Input, taps);
        First = (int*)memory;
        Count = First + Results;
        Weights = (T*)(Count + Results);
        for (int i = 0; i < Results; i++)
        {
            AxisSpan span = Of(plan, transposed, i);
            (First[i], Count[i]) = (span.First, span.Count);
            for (int t = 0; t < span.Count; t++)
                Weights[(nint)i * taps + t] = T.CreateChecked(transposed ? plan.Weight(span.First + t, i) : plan.Weight(i, span.First + t));
        }
    }

    /// <summary>The table, with the memory that it lies in.</summary>
    /// <param name="plan">The axis.</param>
    /// <param name="transposed">From gradients of the results to gradients of the elements.</param>
    /// <param name="memory">To be disposed when the table is not needed any more.</param>
    public static AxisTable<T> Of(in AxisPlan plan, bool transposed, out Tensor memory)
    {
        int results = (int)(transposed ? plan.Input : plan.Output), taps = 1;
        for (int i = 0; i < results; i++) taps = Math.Max(taps, Of(plan, transposed, i).Count);
        memory = Tensor.Empty([2L * results * sizeof(int) + (long)results * taps * sizeof(T)], DType.UInt8, CpuAccelerator.Instance);
        return new(plan, transposed, taps, (byte*)memory.Pointer);
    }

    private static AxisSpan Of(in AxisPlan plan, bool transposed, int i) => transposed ? plan.Readers(i) : plan.Span(i);
}
