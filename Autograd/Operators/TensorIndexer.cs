namespace Gradwright;

/// <summary>What stands behind <c>x[…]</c>: index expressions are ops, and Engine knows none.</summary>
internal sealed class TensorIndexer : Tensor.ITensorIndexer
{
    public Tensor Get(Tensor tensor, ReadOnlySpan<TensorIndex> indices) => IndexPlan.Get(tensor, indices);

    public void Set(Tensor tensor, ReadOnlySpan<TensorIndex> indices, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        InPlace.Require("Assigning to x[…]", "x.IndexPut(indices, value), Tensor.Where(mask, a, b) or x.ScatterAdd(axis, index, source)", tensor, value);
        IndexPlan.Set(tensor, indices, value);
    }
}
