using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>A thread's memory for packed operands: mapped at its first use, kept as long as the thread lives.</summary>
internal sealed unsafe class GemmWorkspace
{
    // Three huge pages; only what is used becomes resident.
    private const int Bytes = 6 << 20, Alignment = 2 << 20, SumsAt = 4 << 20;

    /// <summary>Where packed columns of B begin; packed rows of A lie before it. See <see cref="GemmBlocking"/> for the sizes.</summary>
    private const int ColumnsAt = 256 << 10;

    [ThreadStatic] private static GemmWorkspace? _current;

    private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc(Bytes, Alignment);

    ~GemmWorkspace() => NativeMemory.AlignedFree(_memory);

    /// <summary>Room for a panel of A, 256 KB.</summary>
    public static void* Rows => (_current ??= new GemmWorkspace())._memory;

    /// <summary>Room for a block of B, <see cref="ColumnBytes"/>.</summary>
    public static void* Columns => (_current ??= new GemmWorkspace())._memory + ColumnsAt;

    /// <summary>Bytes at <see cref="Columns"/>.</summary>
    public const int ColumnBytes = SumsAt - ColumnsAt;

    /// <summary>Room for the sums over parts of K, <see cref="SumBytes"/>.</summary>
    public static void* Sums => (_current ??= new GemmWorkspace())._memory + SumsAt;

    /// <summary>Bytes at <see cref="Sums"/>.</summary>
    public const int SumBytes = Bytes - SumsAt;
}
