namespace Gradwright.Kernels;

/// <summary>
/// A batch of matrix products C = activation(A · B + bias) on a GPU: A [M, K], B [K, N], C [M, N], all strides in elements. A and B may have any strides
/// (also 0 or negative); C must overlap neither.
/// </summary>
internal struct GpuGemmArguments
{
    public GpuGemmArguments() => (Batch, Outer, StepBias) = (1, 1, 1);

    public DType DType;

    /// <summary>Sizes; any may be 0. With K = 0 the product is 0 and C becomes the bias.</summary>
    public long M, N, K;

    /// <summary>Number of products; bias and activation are the same for all.</summary>
    public long Batch;

    /// <summary>Number of such batches; 1 unless set.</summary>
    public long Outer;

    /// <summary>The operands' buffers, and the positions of their first elements.</summary>
    public required MemoryBuffer A, B, C;
    public long OffsetA, OffsetB, OffsetC;

    /// <summary>Distance from row to row, from column to column, and from one product of the batch to the next.</summary>
    public long RowA, ColA, StepA, RowB, ColB, StepB, RowC, ColC, StepC;

    /// <summary>Distance from one batch to the next.</summary>
    public long OuterA, OuterB, OuterC;

    /// <summary>Added to every row of C ([N]), or with <see cref="BiasPerRow"/> to every column ([M]); null for none.</summary>
    public MemoryBuffer? Bias;
    public long OffsetBias;
    public bool BiasPerRow;

    /// <summary>Distance from one number of the bias to the next; 1 unless set.</summary>
    public long StepBias;

    public Activation Activation;

    /// <summary>Adds to C instead of overwriting it.</summary>
    public bool Accumulate;
}
