using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// An index expression, read: first views (positions, ranges, new axes), then at most one pick of whole slices, into which several
/// index tensors, or a mask, are merged. Reading, replacing and assigning follow the same plan.
/// </summary>
internal sealed class IndexPlan
{
    private readonly List<ViewOp> _views = [];
    private readonly List<(int Axis, Tensor Index)> _tensors = [];
    private readonly string _shape;
    private Pick? _pick;

    private IndexPlan(Tensor x) => _shape = x.Shape.ToString();

    /// <summary>The axes that index tensors name are brought together (<c>Order</c>), merged into one (<c>Merged</c>), picked from, and unfolded.</summary>
    private sealed record Pick(int[]? Order, Shape Merged, int Axis, Tensor Index, Shape Result);

    /// <summary>x[…], recorded.</summary>
    public static Tensor Get(Tensor x, ReadOnlySpan<TensorIndex> indices)
    {
        using TensorScope scope = new();
        IndexPlan plan = Of(x, indices);
        Tensor y = plan.Show(x);
        if (plan._pick is { } pick) y = plan.Merge(y).IndexSelect(pick.Axis, pick.Index).Reshape(pick.Result);
        return TensorScope.Keep(y == x ? x.Reshape(x.Shape) : y);
    }

    /// <summary>A copy of x in which x[…] is replaced, recorded.</summary>
    public static Tensor Put(Tensor x, ReadOnlySpan<TensorIndex> indices, Tensor value)
    {
        using TensorScope scope = new();
        IndexPlan plan = Of(x, indices);
        if (plan._pick is { } pick)
        {
            Tensor part = plan.Show(x);
            value = plan.Unmerge(Tape.Apply(new IndexPut(pick.Axis), plan.Merge(part), plan.Unfold(value), pick.Index), part.Shape);
            if (plan._views.Count == 0) return TensorScope.Keep(value);
        }

        return TensorScope.Keep(Tape.Apply(new ViewPut([.. plan._views]), x, value));
    }

    /// <summary>Writes into x. Not recorded.</summary>
    public static void Set(Tensor x, ReadOnlySpan<TensorIndex> indices, Tensor value)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        IndexPlan plan = Of(x, indices);
        if (plan._pick is { } pick)
        {
            if (value.Buffer == x.Buffer) value = value.Copy();
            Tensor part = plan.Show(x), merged = plan.Merge(part);
            new IndexPut(pick.Axis).ExecuteInto(merged, merged, plan.Unfold(value), pick.Index);
            if (merged.Buffer == x.Buffer) return;
            value = plan.Unmerge(merged, part.Shape);       // merging axes needed a copy, which goes back
        }

        new ViewPut([.. plan._views]).ExecuteInto(x, x, value);
    }

    private static IndexPlan Of(Tensor x, ReadOnlySpan<TensorIndex> indices)
    {
        IndexPlan plan = new(x);
        plan.ReadTensors(plan.ReadViews(x, indices).Shape);
        return plan;
    }

    /// <summary>What the views show; x itself if there are none.</summary>
    private Tensor Show(Tensor x)
    {
        foreach (ViewOp view in _views) x = Tape.Apply(view, x);
        return x;
    }

    private Tensor ReadViews(Tensor x, ReadOnlySpan<TensorIndex> indices)
    {
        int consumed = 0, ellipses = 0, axis = 0, dimension = 0;        // axis: of what is shown so far; dimension: of x
        foreach (TensorIndex index in indices)
        {
            if (index.Type == TensorIndex.Kind.Ellipsis) ellipses++;
            else consumed += Consumes(index);
        }

        if (consumed > x.Rank)
            throw new ShapeException($"Index: {indices.Length} indices speak of {consumed} dimensions, but {x.Describe()} has {x.Rank}. Drop some, or add dimensions with TensorIndex.NewAxis.");
        if (ellipses > 1) throw new ShapeException($"Index: an index expression has at most one TensorIndex.Ellipsis, not {ellipses}: what the others stand for would be open.");
        Tensor shown = x;
        foreach (TensorIndex index in indices)
        {
            switch (index.Type)
            {
                case TensorIndex.Kind.Ellipsis:
                    axis += x.Rank - consumed;
                    dimension += x.Rank - consumed;
                    break;
                case TensorIndex.Kind.NewAxis:
                    Add(new Unsqueeze(axis++));
                    break;
                case TensorIndex.Kind.Position:
                    Add(new Select(axis, Offset(index.Start, shown.Shape.Span[axis], dimension)));
                    break;
                case TensorIndex.Kind.Range:
                    if (Range(index, axis, shown.Shape.Span[axis], dimension) is { } slice) Add(slice);
                    axis++;
                    break;
                default:
                    _tensors.Add((axis, index.Tensor!));
                    axis += Consumes(index);
                    break;
            }

            dimension += Consumes(index);
        }

        return shown;

        void Add(ViewOp view)
        {
            shown = view.Execute(shown);
            _views.Add(view);
        }
    }

    private void ReadTensors(Shape shown)
    {
        if (_tensors.Count == 0) return;
        int masks = _tensors.Count(t => t.Index.DType == DType.Bool);
        if (masks == 1 && _tensors.Count == 1)
        {
            (int axis, Tensor mask) = _tensors[0];
            ReadOnlySpan<long> lengths = shown.Span;
            if (!mask.Shape.Span.SequenceEqual(lengths.Slice(axis, mask.Rank)))
                throw new ShapeException($"Index: a mask of shape {mask.Shape} does not fit dimensions {axis} to {axis + mask.Rank - 1} of {shown}: their lengths must be equal.");
            Tensor positions = new Nonzero(Flat: true).Execute(mask);
            _pick = new(null, Join(lengths[..axis], mask.Count, lengths[(axis + mask.Rank)..]), axis, positions,
                Join(lengths[..axis], positions.Count, lengths[(axis + mask.Rank)..]));
            return;
        }

        if (masks > 0) throw new ShapeException("Index: a Bool mask cannot be combined with other index tensors. Turn it into indices first: mask.Nonzero().");
        int[] axes = [.. _tensors.Select(t => t.Axis)];
        foreach ((int axis, Tensor index) in _tensors)
        {
            Check.Type(new IndexSelect(axis), "index", index, DType.Int64);
            Indices.Checked(new IndexSelect(axis), index, shown.Span[axis], Indices.Target(axis, shown)).Dispose();
        }

        // As in NumPy: index tensors that stand side by side leave their dimensions there, others put them in front.
        bool together = axes[^1] - axes[0] == axes.Length - 1;
        int place = together ? axes[0] : 0;
        int[] others = [.. Enumerable.Range(0, shown.Rank).Except(axes)];
        long[] before = [.. others[..place].Select(a => shown.Span[a])], after = [.. others[place..].Select(a => shown.Span[a])];
        Shape indexShape = _tensors.Aggregate(Shape.Create(), (shape, t) => Shape.Broadcast(shape, t.Index.Shape, "Index"));
        Tensor flat = _tensors[0].Index;
        foreach ((int axis, Tensor index) in _tensors[1..]) flat = flat * shown.Span[axis] + index;
        _pick = new(together ? null : [.. axes, .. others], Join(before, axes.Aggregate(1L, (n, a) => n * shown.Span[a]), after), place,
            flat.Expand(indexShape).Reshape(-1), Shape.Create([.. before, .. indexShape.Span, .. after]));
    }

    private Tensor Merge(Tensor x) => (_pick!.Order is { } order ? x.Permute(order) : x).Reshape(_pick.Merged);

    private Tensor Unmerge(Tensor merged, Shape shape)
    {
        if (_pick!.Order is not { } order) return merged.Reshape(shape);
        return merged.Reshape(Shape.Create([.. order.Select(a => shape.Span[a])])).Permute(new Permute(order).Inverse());
    }

    /// <summary>The value as one slice per index.</summary>
    private Tensor Unfold(Tensor value)
    {
        Broadcasting.RequireStretch("Index", value.Shape, _pick!.Result);
        return value.Expand(_pick.Result).Reshape(_pick.Merged.With(_pick.Axis, _pick.Index.Count));
    }

    private static int Consumes(TensorIndex index) => index.Type switch
    {
        TensorIndex.Kind.NewAxis or TensorIndex.Kind.Ellipsis => 0,
        TensorIndex.Kind.Tensor => index.Tensor is { DType: DType.Bool } mask ? mask.Rank : 1,
        _ => 1,
    };

    private long Offset(Index index, long length, int dimension)
    {
        long position = index.IsFromEnd ? length - index.Value : index.Value;
        return position >= 0 && position < length ? position
            : throw new ShapeException($"Index: position {index} does not lie in dimension {dimension} of {_shape}, which has {(length == 0 ? "no positions" : $"positions 0 to {length - 1}, or ^{length} to ^1")}.");
    }

    /// <summary>The slice, or null for the whole dimension.</summary>
    private Slice? Range(TensorIndex index, int axis, long length, int dimension)
    {
        long start = End(index.Start), end = End(index.End), step = index.Step;
        if (start < 0 || end > length || start > end)
            throw new ShapeException($"Index: the range {index.Start}..{index.End} does not lie in dimension {dimension} of {_shape}, which has length {length}: "
                + $"it must start at 0 or later, end at {length} or before, and not run backwards (TensorIndex.Every(-1) does). Ranges are not clamped.");
        if (start == 0 && end == length && step == 1) return null;
        long count = (end - start + Math.Abs(step) - 1) / Math.Abs(step);
        return new(axis, step > 0 ? start : end - 1, count, step);

        long End(Index i) => i.IsFromEnd ? length - i.Value : i.Value;
    }

    private static Shape Join(ReadOnlySpan<long> before, long length, ReadOnlySpan<long> after) => Shape.Create([.. before, length, .. after]);
}
