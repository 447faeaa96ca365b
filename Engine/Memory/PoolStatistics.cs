namespace Gradwright;

/// <summary>The state of a memory pool; all sizes in bytes.</summary>
/// <param name="LiveBytes">Asked for by tensors that are alive.</param>
/// <param name="ReservedBytes">Held from the system: live and cached, in whole pages; address space that was never touched does not count.</param>
/// <param name="PeakBytes">The most that was live since <see cref="MemoryPool.ResetPeak"/>.</param>
/// <param name="LiveBlocks">Blocks in use.</param>
/// <param name="SystemAllocations">How often the system was asked for memory.</param>
public readonly record struct PoolStatistics(long LiveBytes, long ReservedBytes, long PeakBytes, long LiveBlocks, long SystemAllocations);
