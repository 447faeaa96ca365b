namespace Gradwright.Tests.Engine;

/// <summary>An accelerator whose memory is addresses alone: for what must not depend on the machine, and for more memory than it has.</summary>
/// <param name="limit">Bytes that it gives out at most.</param>
/// <param name="discards">Whether it takes back parts of blocks.</param>
internal sealed unsafe class NumberedMemory(long limit = long.MaxValue, bool discards = true) : Accelerator
{
    private nint _next = 1 << 21;

    /// <summary>Bytes given out and not given back.</summary>
    public long Given { get; private set; }

    /// <summary>Parts of blocks that were given back.</summary>
    public List<(nint Pointer, long Bytes)> Discarded { get; } = [];

    public override string Name => "numbers";
    public override string Description => "addresses without memory";
    public override void Synchronize() { }
    internal override void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes) { }
    internal override void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes) { }
    internal override void GatherToHost(MemoryBuffer buffer, Layout layout, int elementSize, void* destination) { }
    internal override void ScatterFromHost(void* source, MemoryBuffer buffer, Layout layout, int elementSize) { }
    internal override void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern) { }

    internal override nint AllocateRaw(long bytes)
    {
        if (Given + bytes > limit) return 0;
        Given += bytes;
        nint pointer = _next;
        _next += (nint)(bytes + (2 << 21)) & ~((nint)(1 << 21) - 1);     // never neighbours
        return pointer;
    }

    internal override void FreeRaw(nint pointer, long bytes) => Given -= bytes;

    internal override bool DiscardRaw(nint pointer, long bytes)
    {
        if (discards) Discarded.Add((pointer, bytes));
        return discards;
    }
}
