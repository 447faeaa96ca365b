namespace Gradwright;

/// <summary>What a device says about itself.</summary>
public sealed record GpuTraits
{
    /// <summary><c>CUDA</c> or <c>OpenCL</c>.</summary>
    public required string Api { get; init; }

    /// <summary>The device's name, as its driver gives it.</summary>
    public required string Device { get; init; }

    /// <summary>The driver and its version.</summary>
    public required string Driver { get; init; }

    /// <summary>CUDA's compute capability, 90 for 9.0; 0 for OpenCL.</summary>
    public int Capability { get; init; }

    /// <summary>A processor that poses as a GPU (PoCL): many small work groups, no fast shared memory.</summary>
    public bool IsProcessor { get; init; }

    /// <summary>Whether kernels may compute in double precision.</summary>
    public bool HasDouble { get; init; } = true;

    /// <summary>Multiprocessors or compute units.</summary>
    public int Units { get; init; }

    /// <summary>The most work items of a group.</summary>
    public int MaxGroupSize { get; init; }

    /// <summary>Shared (local) memory that a group may use, in bytes.</summary>
    public long SharedMemory { get; init; }

    /// <summary>The device's memory, in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The most bytes of one allocation.</summary>
    public long MaxAllocation { get; init; } = long.MaxValue;
}
