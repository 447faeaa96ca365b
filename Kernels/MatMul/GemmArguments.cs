namespace Gradwright.Kernels;

/// <summary>
/// A batch of matrix products C = activation(A · B + bias), A [M, K], B [K, N], C [M, N]. All strides are in elements; A and B may
/// have any (also 0 or negative), C needs one dimension of stride 1 and must overlap neither operand.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public unsafe struct GemmArguments<T> where T : unmanaged
{
    /// <summary>One product that overwrites C, without bias or activation.</summary>
    public GemmArguments() => Batch = 1;

    /// <summary>Sizes; any may be 0. With K = 0 the product is 0 and C becomes the bias.</summary>
    public int M, N, K;

    /// <summary>First element of A [M, K].</summary>
    public T* A;

    /// <summary>Distance from row to row and from column to column of A.</summary>
    public nint RowA, ColA;

    /// <summary>First element of B [K, N].</summary>
    public T* B;

    /// <summary>Distance from row to row and from column to column of B.</summary>
    public nint RowB, ColB;

    /// <summary>First element of C [M, N].</summary>
    public T* C;

    /// <summary>
    /// If not 0, B lies in panels of <see cref="BlockedProduct{T, V, S}.TileColumns"/> columns, each [K, columns], so many elements apart and the last one filled up: as
    /// <see cref="GemmPacking{T, V, S}.PackColumns"/> leaves them. Then C has contiguous rows.
    /// </summary>
    internal nint PanelB;

    /// <summary>Distance from row to row and from column to column of C; one of them is 1.</summary>
    public nint RowC, ColC;

    /// <summary>Adds to C instead of overwriting it (the activation applies to the sum).</summary>
    public bool Accumulate;

    /// <summary>Added to every row of C, as [N] contiguous elements; null for none.</summary>
    public T* Bias;

    /// <summary>Added to every column of C, as [M] contiguous elements (a convolution's bias per channel); null for none.</summary>
    public T* RowBias;

    /// <summary>Added to C before the activation, laid out as C is, for each of the products; null for none. It must not overlap C.</summary>
    public T* Addend;

    /// <summary>Applied to each element at the end.</summary>
    public Activation Activation;

    /// <summary>
    /// Terms that are added up one after the other, if the product is large enough to be computed in blocks; such sums are then added. Shorter chains round less, but
    /// below some 64 terms they take longer. 0 leaves it to the speed.
    /// </summary>
    public int Chain;

    /// <summary>
    /// C = Σ A[t] · B[t] over so many pairs, <see cref="TapA"/> and <see cref="TapB"/> elements further each, where it is more than 1: a convolution along a line, whose B is the
    /// line itself, shifted by the filter's elements. A and B are then read where they lie, and columns of B must be contiguous.
    /// </summary>
    public int Taps;

    /// <summary>Distance from one of the <see cref="Taps"/> to the next one.</summary>
    public nint TapA, TapB;

    /// <summary>Number of products; bias and activation are the same for all.</summary>
    public int Batch;

    /// <summary>Distance from one product's operand to the next one's; 0 uses A or B again for each. C's products must not overlap.</summary>
    public nint StepA, StepB, StepC;
}
