namespace Gradwright;

public sealed partial class Tensor
{
    /// <summary>Index expressions are ops: loaded from the assembly that records them, at the first use.</summary>
    private static ITensorIndexer? Indexer { get; set; }

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
        => Indexer ??= LoadIndexer() ?? throw new InvalidOperationException("Indexing needs the assembly Gradwright.Autograd; reference it.");

    // A program may index before it has touched any member of that assembly. The trimmer sees the constant name and keeps the type.
    private static ITensorIndexer? LoadIndexer()
        => Type.GetType("Gradwright.TensorIndexer, Gradwright.Autograd") is { } type ? (ITensorIndexer?)Activator.CreateInstance(type) : null;

    internal interface ITensorIndexer
    {
        Tensor Get(Tensor tensor, ReadOnlySpan<TensorIndex> indices);
        void Set(Tensor tensor, ReadOnlySpan<TensorIndex> indices, Tensor value);
    }
}
