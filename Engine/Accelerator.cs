using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>A device that holds tensors and runs kernels on them. Chosen at run time; the CPU is always there.</summary>
public abstract unsafe class Accelerator
{
    /// <summary>The variable that names the default accelerator: <c>cpu</c>, <c>cuda:0</c> or <c>opencl:0</c>.</summary>
    public const string EnvironmentVariable = "GRADWRIGHT_ACCELERATOR";

    private static Accelerator? _default;

    private protected Accelerator() => Pool = new(this, new WholeBlocks(this));

    /// <param name="segmentBytes">The size of the segments of address space from which the pool's large blocks are cut.</param>
    private protected Accelerator(long segmentBytes) => Pool = new(this, new DividedBlocks(this, segmentBytes));

    /// <summary>
    /// Where tensors are made when nothing else is said: the accelerator that <see cref="EnvironmentVariable"/> names, else the CPU.
    /// </summary>
    /// <exception cref="AcceleratorException">The variable names an accelerator that is not here.</exception>
    public static Accelerator Default
    {
        get => _default ??= OpenNamed();
        set => _default = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>As written in <see cref="EnvironmentVariable"/> and in messages: <c>cpu</c>, <c>cuda:0</c>, <c>opencl:1</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the device is, for people.</summary>
    public abstract string Description { get; }

    /// <summary>This device's memory.</summary>
    public MemoryPool Pool { get; }

    /// <summary>The accelerator of this name: <c>cpu</c>, <c>cuda:N</c> or <c>opencl:N</c>. The same name gives the same object.</summary>
    /// <exception cref="AcceleratorException">There is none; the message says what is missing and what there is.</exception>
    public static Accelerator Open(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AcceleratorRegistry.Open(name.Trim().ToLowerInvariant());
    }

    /// <summary>Every accelerator that is here, and for each kind that is not, why. Nothing is opened.</summary>
    public static IReadOnlyList<AcceleratorReport> Survey() => AcceleratorRegistry.Survey();

    /// <summary>Waits until all work handed to the accelerator is done.</summary>
    /// <exception cref="AcceleratorException">A kernel failed.</exception>
    public abstract void Synchronize();

    /// <summary>Bytes from the host to the device. The source may be changed as soon as the call returns.</summary>
    internal abstract void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes);

    /// <summary>Bytes from the device to the host. Waits for them.</summary>
    internal abstract void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes);

    /// <summary>Copies elements of any layout in row-major order to the host. Waits for them.</summary>
    internal abstract void GatherToHost(MemoryBuffer buffer, Layout layout, int elementSize, void* destination);

    /// <summary>Copies row-major elements from the host to places given by any layout.</summary>
    internal abstract void ScatterFromHost(void* source, MemoryBuffer buffer, Layout layout, int elementSize);

    /// <summary>Sets neighbouring elements of 1, 2, 4 or 8 bytes to one bit pattern.</summary>
    internal abstract void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern);

    /// <summary>Copies bytes between any two accelerators, or inside one.</summary>
    internal static void Transfer(MemoryBuffer source, long sourceOffset, MemoryBuffer destination, long destinationOffset, long bytes)
    {
        if (bytes == 0) return;
        if (source.Accelerator is CpuAccelerator) destination.Accelerator.CopyFromHost((byte*)source.Pointer + sourceOffset, destination, destinationOffset, bytes);
        else if (destination.Accelerator is CpuAccelerator) source.Accelerator.CopyToHost(source, sourceOffset, (byte*)destination.Pointer + destinationOffset, bytes);
        else
        {
            // Two devices meet on the host.
            void* host = NativeMemory.Alloc((nuint)bytes);
            try
            {
                source.Accelerator.CopyToHost(source, sourceOffset, host, bytes);
                destination.Accelerator.CopyFromHost(host, destination, destinationOffset, bytes);
            }
            finally
            {
                NativeMemory.Free(host);
            }
        }
    }

    /// <summary>Device memory aligned to 64 bytes or more, or 0 when there is none left.</summary>
    internal abstract nint AllocateRaw(long bytes);

    internal abstract void FreeRaw(nint pointer, long bytes);

    /// <summary>Gives the pages behind a part of a block back to the system, whose contents are lost; the addresses stay.</summary>
    /// <returns>False if the system cannot do that.</returns>
    internal virtual bool DiscardRaw(nint pointer, long bytes) => false;

    public override string ToString() => Name;

    private static Accelerator OpenNamed()
    {
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is not { Length: > 0 } name) return CpuAccelerator.Instance;
        try
        {
            return Open(name);
        }
        catch (AcceleratorException e)
        {
            throw new AcceleratorException($"{e.Message} The name comes from the environment variable {EnvironmentVariable}: correct it, or unset it to use the CPU.", e);
        }
    }
}
