namespace Gradwright;

/// <summary>A device that holds tensors and runs kernels on them. Chosen at run time; the CPU is always there.</summary>
public abstract class Accelerator
{
    /// <summary>The variable that names the default accelerator: <c>cpu</c>.</summary>
    public const string EnvironmentVariable = "GRADWRIGHT_ACCELERATOR";

    private static Accelerator? _default;

    private protected Accelerator() => Pool = new(this);

    /// <summary>
    /// Where tensors are made when nothing else is said: the best accelerator there is, or the one that
    /// <see cref="EnvironmentVariable"/> names.
    /// </summary>
    public static Accelerator Default
    {
        get => _default ??= Open(Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } name ? name : "cpu");
        set => _default = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>As written in <see cref="EnvironmentVariable"/> and in messages: <c>cpu</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the device is, for people.</summary>
    public abstract string Description { get; }

    /// <summary>This device's memory.</summary>
    public MemoryPool Pool { get; }

    /// <summary>The accelerator of this name.</summary>
    /// <exception cref="AcceleratorException">There is none.</exception>
    public static Accelerator Open(string name)
        => name.Trim().ToLowerInvariant() switch
        {
            "cpu" => CpuAccelerator.Instance,
            _ => throw new AcceleratorException($"There is no accelerator '{name}' here. This version runs on 'cpu'. If the name comes from {EnvironmentVariable}, set that to cpu or unset it."),
        };

    /// <summary>Waits until all work handed to the accelerator is done.</summary>
    public abstract void Synchronize();

    /// <summary>Bytes from the host to the device.</summary>
    internal abstract unsafe void CopyFromHost(void* source, nint destination, long bytes);

    /// <summary>Bytes from the device to the host.</summary>
    internal abstract unsafe void CopyToHost(nint source, void* destination, long bytes);

    /// <summary>Copies elements of any layout in row-major order to the host.</summary>
    internal abstract unsafe void GatherToHost(nint buffer, Layout layout, int elementSize, void* destination);

    /// <summary>Copies row-major elements from the host to places given by any layout.</summary>
    internal abstract unsafe void ScatterFromHost(void* source, nint buffer, Layout layout, int elementSize);

    /// <summary>Device memory aligned to 64 bytes or more, or 0 when there is none left.</summary>
    internal abstract nint AllocateRaw(long bytes);

    internal abstract void FreeRaw(nint pointer, long bytes);

    public override string ToString() => Name;
}
