namespace Gradwright;

public sealed partial class Tensor
{
    /// <summary>Index expressions are ops: the assembly that records them installs itself here.</summary>
    internal static ITensorIndexer? Indexer { get; set; }

    /// <summary>
    /// A view (positions, ranges, new axes) or a copy (index and mask tensors): <c>x[1..3, ^1]</c>. Assigning writes into the tensor.
    /// Recorded by the tape when read.
    /// </summary>
    public Tensor this[params ReadOnlySpan<TensorIndex> indices]
    {
        get => RequireIndexer().Get(this, indices);
        set => RequireIndexer().Set(this, indices, value);
    }

    private static ITensorIndexer RequireIndexer()
        => Indexer ?? throw new InvalidOperationException("Indexing needs the assembly Gradwright.Autograd; reference it.");

    internal interface ITensorIndexer
    {
        Tensor Get(Tensor tensor, ReadOnlySpan<TensorIndex> indices);
        void Set(Tensor tensor, ReadOnlySpan<TensorIndex> indices, Tensor value);
    }
}
