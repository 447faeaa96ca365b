namespace Gradwright;

/// <summary>Which works of a recording touch a block, in their order. Works may be replaced by others while it is in use, but not moved.</summary>
internal sealed class BlockTouches
{
    private readonly List<RecordedWork> _works;
    private readonly Dictionary<RecordedBlock, List<int>> _touches = [];

    public BlockTouches(List<RecordedWork> works)
    {
        _works = works;
        for (int i = 0; i < works.Count; i++)
            foreach (RecordedBlock block in works[i].Tensors.Select(tensor => tensor.Block).Distinct())
            {
                if (!_touches.TryGetValue(block, out List<int>? at)) _touches.Add(block, at = []);
                at.Add(i);
            }
    }

    /// <summary>The numbers of the works that touched a block when the recording was looked through.</summary>
    public IReadOnlyList<int> Of(RecordedBlock block) => _touches.GetValueOrDefault(block) ?? [];

    /// <summary>Whether a work between two others writes to a block; what is no op may.</summary>
    public bool IsWritten(RecordedBlock block, int after, int before)
        => Of(block).Any(i => i > after && i < before && (_works[i] is not RecordedOp op || op.Results.Any(result => result?.Block == block)));
}
