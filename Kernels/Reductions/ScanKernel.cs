namespace Gradwright.Kernels;

/// <summary>What a scan takes together.</summary>
internal enum ScanKind : byte
{
    /// <summary>Sums, with the element itself.</summary>
    Sum,

    /// <summary>Products, without it.</summary>
    Product,

    /// <summary>Products of dual numbers, without it.</summary>
    DualProduct,

    /// <summary>Products, with the element itself.</summary>
    RunningProduct,
}

/// <summary>What the specialisations of <c>scan.cu</c> differ in.</summary>
/// <param name="Kind">Sums or products.</param>
/// <param name="Type">The elements.</param>
/// <param name="Total">The running totals.</param>
/// <param name="Result">The results.</param>
/// <param name="Entry">Which kernel.</param>
/// <param name="Group">Items of a group.</param>
internal readonly record struct ScanKey(ScanKind Kind, DType Type, DType Total, DType Result, ScanEntry Entry, int Group);

/// <summary>The kernels of <c>scan.cu</c>.</summary>
internal enum ScanEntry : byte
{
    /// <summary>One item per line.</summary>
    Lines,

    /// <summary>One group per line, or per part of one.</summary>
    Groups,

    /// <summary>What each part of a line comes to.</summary>
    Totals,
}

/// <summary>Launches running sums and products along lines of a row-major tensor.</summary>
internal static class ScanKernel
{
    private const int ShortLine = 64;           // one item does such a line alone
    private const int PartElements = 8;         // each item of a group gets so many elements of a part, or the line is not cut

    private static readonly KernelTable<ScanKey> _kernels = new(key => new(GpuSource.File("scan.cu"),
        key.Entry switch { ScanEntry.Lines => "scan_lines", ScanEntry.Groups => "scan_groups", _ => "scan_totals" }, key.Group,
        ("KIND", $"{(int)key.Kind}"), ("TX", GpuTypes.Number(key.Type)), ("SUM", GpuTypes.Number(key.Total)), ("TY", GpuTypes.Number(key.Result))));

    /// <summary>yᵢ = Σ or Π xⱼ over j ≤ i, or j ≥ i.</summary>
    /// <param name="gpu">Where.</param>
    /// <param name="kind">Sums or products, with the element itself.</param>
    /// <param name="view">The lines.</param>
    /// <param name="reversed">From the last element to the first.</param>
    /// <param name="x">Row-major.</param>
    /// <param name="y">Row-major.</param>
    public static void Totals(GpuAccelerator gpu, ScanKind kind, AxisView view, bool reversed, Tensor x, Tensor y)
    {
        DType total = !x.DType.IsFloating ? DType.Int64 : gpu.Traits.HasDouble ? DType.Float64 : x.DType;
        Scan(gpu, kind, total, view, reversed, x, null, y, null);
    }

    /// <summary>yᵢ = Π xⱼ over j ≠ i along the last dimension; with <paramref name="t"/> how it changes when x changes in that direction.</summary>
    /// <param name="gpu">Where.</param>
    /// <param name="x">Row-major.</param>
    /// <param name="t">Row-major.</param>
    /// <param name="y">Row-major.</param>
    public static void ProductsOfOthers(GpuAccelerator gpu, Tensor x, Tensor? t, Tensor y)
    {
        AxisView view = new(x.Shape, x.Rank - 1);
        ScanKind kind = t is null ? ScanKind.Product : ScanKind.DualProduct;
        using Tensor? values = t is null ? null : Tensor.Empty(x.Shape, x.DType, gpu);
        foreach (bool right in (ReadOnlySpan<bool>)[true, false]) Scan(gpu, kind, x.DType, view, right, x, t, y, values);
    }

    private static void Scan(GpuAccelerator gpu, ScanKind kind, DType total, AxisView view, bool reversed, Tensor x, Tensor? t, Tensor y, Tensor? values)
    {
        if (x.Count == 0) return;
        long lines = view.Outer * view.Inner, busy = gpu.Tuning.BusyGroups;
        int group = gpu.Tuning.RowGroup;
        bool alone = view.Length <= ShortLine || (view.Inner >= group && lines >= busy * group);
        long parts = alone || lines >= busy ? 1 : Math.Clamp(Math.Min(4 * busy / lines, view.Length / (PartElements * group)), 1, LaunchSize.MostYZ);
        long length = (view.Length + parts - 1) / parts;
        parts = (view.Length + length - 1) / length;

        // A total of dual numbers is two numbers.
        using Tensor? totals = parts > 1 ? Tensor.Empty([lines, parts, 2], total, gpu) : null;
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.Out(values);
        arguments.Out(totals);
        arguments.In(x);
        arguments.In(t);
        arguments.Value(lines);
        arguments.Value(view.Length);
        arguments.Value(view.Inner);
        arguments.Value(length);
        arguments.Value((int)parts);
        arguments.Value(reversed ? 1 : 0);
        arguments.Value(reversed ? 1 : 0);
        ScanKey key = new(kind, x.DType, total, y.DType, alone ? ScanEntry.Lines : ScanEntry.Groups, group);
        if (parts > 1) gpu.Launch(_kernels[key with { Entry = ScanEntry.Totals }], new(lines, (int)parts), ref arguments);
        gpu.Launch(_kernels[key], alone ? LaunchSize.Covering(lines, group) : new(lines, (int)parts), ref arguments);
    }
}
