using System.Runtime.CompilerServices;

namespace Gradwright;

/// <summary>
/// The arguments of one launch, in the order of the kernel's parameters. A tensor takes two: its buffer and the position of its first element.
/// Reads and writes are told apart, because streams wait for each other by them.
/// </summary>
internal unsafe ref struct KernelArguments
{
    public const int MostArguments = 64, MostBuffers = 24;
    private const int MostBytes = 3072;

    private fixed byte _data[MostBytes];
    private fixed ushort _starts[MostArguments], _sizes[MostArguments];
    private Buffers _buffers;
    private ulong _written;
    private int _used;

    public KernelArguments() => (Count, BufferCount, _used) = (0, 0, 0);

    /// <summary>Number of kernel parameters.</summary>
    public int Count { get; private set; }

    public int BufferCount { get; private set; }

    /// <summary>A tensor that the kernel reads; null passes no buffer.</summary>
    public void In(Tensor? x) => Add(x?.Buffer, x?.Layout.Offset ?? 0, written: false);

    /// <summary>A tensor that the kernel writes, and perhaps reads; null passes no buffer.</summary>
    public void Out(Tensor? y) => Add(y?.Buffer, y?.Layout.Offset ?? 0, written: true);

    /// <summary>A buffer and a position in it, in elements.</summary>
    public void Add(MemoryBuffer? buffer, long offset, bool written)
    {
        Value(buffer?.Pointer ?? 0);
        Value(offset);
        Uses(buffer, written);
    }

    /// <summary>A buffer whose address reaches the kernel some other way: in a table.</summary>
    public void Uses(MemoryBuffer? buffer, bool written)
    {
        if (buffer is null) return;
        if (BufferCount == MostBuffers) throw new InvalidOperationException($"A kernel takes at most {MostBuffers} buffers.");
        if (written) _written |= 1UL << BufferCount;
        _buffers[BufferCount++] = buffer;
    }

    /// <summary>A number or a structure, as the kernel declares it.</summary>
    public void Value<T>(in T value) where T : unmanaged
    {
        int start = (_used + 7) & ~7;
        if (Count == MostArguments || start + sizeof(T) > MostBytes) throw new InvalidOperationException("A kernel's arguments do not fit.");
        fixed (byte* data = _data) Unsafe.WriteUnaligned(data + start, value);
        (_starts[Count], _sizes[Count]) = ((ushort)start, (ushort)sizeof(T));
        (_used, Count) = (start + sizeof(T), Count + 1);
    }

    /// <summary>A number in the element type of the kernel, Float32 or Float64.</summary>
    public void Real(double value, DType dtype)
    {
        if (dtype == DType.Float64) Value(value);
        else Value((float)value);
    }

    public int SizeOf(int argument) => _sizes[argument];

    public readonly MemoryBuffer Buffer(int i) => _buffers[i]!;

    public readonly bool IsWritten(int i) => (_written >> i & 1) != 0;

    /// <summary>The address of an argument; the arguments must not move meanwhile, which a local variable does not.</summary>
    public void* AddressOf(int argument) => (byte*)Unsafe.AsPointer(ref _data[0]) + _starts[argument];

    [InlineArray(MostBuffers)]
    private struct Buffers
    {
        private MemoryBuffer? _first;
    }
}
