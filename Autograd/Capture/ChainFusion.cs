using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Rewrites a recorded forward pass on the processor: elementwise ops of which one takes what another has made become one <see cref="ElementwiseChain"/>, so that memory is
/// crossed once. No bit of a result changes.
/// </summary>
internal sealed class ChainFusion
{
    private const int Farthest = 16;            // works between two members of a chain, at most
    private const long ShortestRow = 512;       // elements for which a broadcast operand goes on in the same way: each row costs every step a start

    private readonly List<RecordedWork> _works;
    private readonly BlockTouches _touches;

    private ChainFusion(List<RecordedWork> works) => (_works, _touches) = (works, new(works));

    /// <summary>Fuses what can be fused; layouts must be final.</summary>
    public static void Apply(StepRecording recording)
    {
        ChainFusion fusion = new(recording.Works);
        for (int i = 0; i < recording.Works.Count; i++)
            if (fusion.Elementwise(i) is not null) fusion.FuseFrom(i);
    }

    /// <summary>A work that a chain can take as a step.</summary>
    private RecordedOp? Elementwise(int at)
        => _works[at] is RecordedOp { Op: IElementwise, Results: [{ Block.Buffer.Accelerator: CpuAccelerator } y] } op && y.DType.IsFloating && y.Layout.IsDense
            && Array.TrueForAll(op.Operands, x => x.DType == y.DType && x.Block != y.Block && Fits(x.Layout, y.Layout)) ? op : null;

    private void FuseFrom(int first)
    {
        List<int> members = [first];
        int taken = 1;
        for (int i = first + 1; i < _works.Count && i - members[^1] <= Farthest; i++)
        {
            if (!_works[i].Tensors.Any(tensor => members.Exists(member => ResultOf(member).Block == tensor.Block))) continue;
            if (Elementwise(i) is not { } op || !Joins(op, members)) break;
            members.Add(i);
            if (Outside(members).Count > ElementwiseChain.MostOperands) break;
            if (IsClosed(members)) taken = members.Count;
        }

        if (taken > 1) Fuse(members[..taken]);
    }

    private RecordedTensor ResultOf(int member) => ((RecordedOp)_works[member]).Results[0]!.Value;

    /// <summary>Whether the result lies as the chain's do, and what it takes of the chain it takes as it lies.</summary>
    private bool Joins(RecordedOp op, List<int> members)
    {
        RecordedTensor y = op.Results[0]!.Value, first = ResultOf(members[0]);
        return y.DType == first.DType && y.Layout.Shape == first.Layout.Shape && y.Layout.Strides.SequenceEqual(first.Layout.Strides)
            && members.TrueForAll(member => Array.TrueForAll(op.Operands, x => x.Block != ResultOf(member).Block || x.LiesLike(ResultOf(member))));
    }

    /// <summary>What the members read that none of them makes, each once.</summary>
    private List<RecordedTensor> Outside(List<int> members)
        => [.. members.SelectMany(member => ((RecordedOp)_works[member]).Operands).Where(x => !members.Exists(member => ResultOf(member).Block == x.Block)).Distinct()];

    /// <summary>Nobody else needs what is made on the way, and what is read is still the same when the last member's turn comes.</summary>
    private bool IsClosed(List<int> members)
    {
        if (!members[..^1].TrueForAll(member => ResultOf(member).Block is { IsTemporary: true } block && _touches.Of(block).All(members.Contains))) return false;
        foreach (RecordedTensor x in Outside(members))
        {
            int read = members.Find(member => Array.Exists(((RecordedOp)_works[member]).Operands, operand => operand.Block == x.Block));
            if (_touches.IsWritten(x.Block, read, members[^1])) return false;
        }

        return true;
    }

    private void Fuse(List<int> members)
    {
        List<RecordedTensor> operands = Outside(members);
        ChainStep[] steps = [.. members.Select(member => (RecordedOp)_works[member]).Select(op => new ChainStep(op.Op, Array.ConvertAll(op.Operands, Source)))];
        RecordedTensor result = ResultOf(members[^1]);
        RecordedOp last = (RecordedOp)_works[members[^1]];
        foreach (int member in members) _works[member] = new RecordedView(((RecordedOp)_works[member]).Op, result, []);
        _works[members[^1]] = last.With(new ElementwiseChain(steps), [.. operands], result);

        int Source(RecordedTensor x) => members.FindIndex(member => ResultOf(member).Block == x.Block) is >= 0 and int step ? ~step : operands.IndexOf(x);
    }

    /// <summary>Whether a step can read an operand without many short rows: it lies as the result, is one number, or goes on for long in the same way.</summary>
    private static bool Fits(Layout x, Layout y)
    {
        if (x.Count == 1 || (x.Shape == y.Shape && x.Strides.SequenceEqual(y.Strides))) return true;
        if (!y.IsContiguous) return false;
        long row = 1, step = 0;
        for (int d = y.Rank - 1; d >= 0; d--)
        {
            if (y.Shape[d] == 1) continue;
            int own = d - (y.Rank - x.Rank);
            long stride = own < 0 || x.Shape[own] == 1 ? 0 : x.Strides[own];
            if (row == 1) step = stride;
            else if (stride != step * row) break;
            row *= y.Shape[d];
        }

        return step is 0 or 1 && row >= ShortestRow;
    }
}
