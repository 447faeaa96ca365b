using System.Globalization;
using System.Text;

namespace Gradwright;

/// <summary>
/// One specialisation of a kernel: a file, an entry point, and compile-time definitions (element types, tiles, transposes, formulas; never sizes or numbers
/// that change from call to call). Made once per specialisation and kept in a static table; equal text compiles to the same cached code.
/// </summary>
internal sealed class KernelSpec
{
    private static int _count;

    /// <param name="file">The source.</param>
    /// <param name="entry">The kernel's name in it.</param>
    /// <param name="groupSize">Work items of a group.</param>
    /// <param name="defines">Names and values, in order; they become <c>#define</c> lines in front of the source.</param>
    public KernelSpec(KernelFile file, string entry, int groupSize, params ReadOnlySpan<(string Name, string Value)> defines)
    {
        (File, Entry, GroupSize, Index) = (file, entry, groupSize, Interlocked.Increment(ref _count) - 1);
        StringBuilder text = new();
        text.Append("#define GROUP ").Append(groupSize.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach ((string name, string value) in defines) text.Append("#define ").Append(name).Append(' ').Append(value).Append('\n');
        Defines = text.ToString();
    }

    /// <summary>Specialisations are numbered, so that an accelerator finds the compiled kernel without hashing.</summary>
    public int Index { get; }

    public KernelFile File { get; }

    public string Entry { get; }

    /// <summary>Work items of a group, along x.</summary>
    public int GroupSize { get; }

    public string Defines { get; }

    /// <summary>Device functions that stand in front of the file: formulas, written out from their C# definition.</summary>
    public string Functions { get; init; } = "";

    /// <summary>
    /// The least compute capability (80 is 8.0) that a CUDA-only kernel needs; 0 for the portable dialect. From 90 on the kernel uses what only that architecture has
    /// (it is compiled for sm_90a), and runs on no other.
    /// </summary>
    public int Capability { get; init; }

    /// <summary>Dynamic shared memory, in bytes.</summary>
    public int SharedBytes { get; init; }

    /// <summary>Whether the code needs double precision.</summary>
    public bool UsesDouble => _usesDouble ??= Defines.Contains("double", StringComparison.Ordinal) || File.Text.Contains("double", StringComparison.Ordinal);

    private bool? _usesDouble;

    /// <summary>The specialisation for people: <c>reduce.cu: reduce_rows (REAL float)</c>.</summary>
    public override string ToString()
        => $"{File.Name}: {Entry} ({string.Join(", ", Defines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["#define ".Length..]))})";
}
