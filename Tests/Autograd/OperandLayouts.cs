using Gradwright.Kernels;

namespace Gradwright.Tests.Autograd;

/// <summary>The same elements in memory orders that a kernel may meet. Unused places hold a value that would show in the result.</summary>
internal static class OperandLayouts
{
    public static readonly (string Name, Func<Tensor, Tensor> Make)[] All =
    [
        ("transposed storage", Transposed),
        ("every second element of a larger tensor", Sliced),
        ("stored backwards", Backwards),
    ];

    /// <summary>The dimensions lie in memory in opposite order.</summary>
    public static Tensor Transposed(Tensor x)
    {
        int[] order = [.. Enumerable.Range(0, x.Rank).Reverse()];
        using Tensor turned = new Permute(order).Execute(x);
        using Tensor stored = new Copy().Execute(turned);
        return new Permute(order).Execute(stored);
    }

    /// <summary>Gaps in every dimension, and an offset.</summary>
    public static Tensor Sliced(Tensor x)
    {
        Tensor large = Tensor.Full([.. x.Shape.Span.ToArray().Select(n => 2 * n + 1)], x.DType.IsFloating ? double.NaN : 1, x.DType, x.Accelerator);
        return Inside(large, x, axis => new(axis, 1, x.Shape.Span[axis], 2));
    }

    /// <summary>Negative strides.</summary>
    public static Tensor Backwards(Tensor x)
        => Inside(Tensor.Empty(x.Shape, x.DType, x.Accelerator), x, axis => new(axis, Math.Max(0, x.Shape.Span[axis] - 1), x.Shape.Span[axis], -1));

    /// <summary>Its first element along <paramref name="axis"/> repeated with stride 0, and the same in plain memory.</summary>
    public static (Tensor Repeated, Tensor Plain) Expanded(Tensor x, int axis)
    {
        using Tensor first = new Slice(axis, 0, Math.Min(1, x.Shape.Span[axis])).Execute(x);
        Tensor repeated = x.Shape.Span[axis] == 0 ? first.Alias() : new Expand(x.Shape).Execute(first);
        return (repeated, new Copy().Execute(repeated));
    }

    private static Tensor Inside(Tensor place, Tensor x, Func<int, Slice> slice)
    {
        for (int axis = 0; axis < x.Rank; axis++)
        {
            Tensor inner = slice(axis).Execute(place);
            place.Dispose();
            place = inner;
        }

        new Copy().ExecuteInto(place, x);
        return place;
    }
}
