namespace Gradwright.Kernels;

/// <summary>
/// How work items share lines: what the specialisations of line kernels differ in. Chosen by sizes and by the device's tuning alone, so every sum has a fixed order.
/// </summary>
/// <param name="Columns">Neighbouring items belong to neighbouring lines.</param>
/// <param name="Lanes">Items that share a line.</param>
/// <param name="Group">Items of a group.</param>
/// <param name="Wide">Positions need 64 bits.</param>
internal readonly record struct LineGrid(bool Columns, int Lanes, int Group, bool Wide)
{
    /// <summary>Elements that a lane takes before more lanes share a line, and that it can keep in registers.</summary>
    public const int LaneElements = 8;

    private const int NeighbourLines = 32;      // lines of a group that are neighbours in memory: 128 bytes of floats
    private const int PartElements = 32;        // a line is only cut into parts that give each lane so many elements

    public static LineGrid For(GpuAccelerator gpu, in GpuLines lines)
    {
        int group = gpu.Tuning.RowGroup;
        bool columns = lines.AreColumns;
        int lanes = columns ? lines.Length <= LaneElements ? 1 : Math.Max(1, group / NeighbourLines)
            : lines.Length <= 4 * LaneElements ? 4
            : lines.Length <= 32 * LaneElements ? 32 : group;
        return new(columns, lanes, group, lines.IsWide(gpu));
    }

    /// <summary>One group per line, over plain memory.</summary>
    public static LineGrid GroupPerLine(GpuAccelerator gpu) => new(false, gpu.Tuning.RowGroup, gpu.Tuning.RowGroup, false);

    public (string Name, string Value)[] Defines => [("COLUMNS", Columns ? "1" : "0"), ("LANES", $"{Lanes}"), ("INDEX", Wide ? "i64" : "int")];

    public long Groups(long lines) => LaunchSize.Covering(lines, Group / Lanes).X;

    /// <summary>A lane can keep its part of a line: it has no more than <see cref="LaneElements"/>.</summary>
    public bool Fits(in GpuLines lines) => lines.Length <= (long)Lanes * LaneElements;

    /// <summary>Few long lines are cut into parts, so that the whole device takes part. A part is never empty.</summary>
    /// <returns>The number of parts, and the length of all but the last.</returns>
    public (int Parts, long Length) Cut(GpuAccelerator gpu, in GpuLines lines)
    {
        long groups = Groups(lines.Count), busy = gpu.Tuning.BusyGroups;
        if (groups == 0 || groups >= busy) return (1, lines.Length);
        long parts = Math.Min(Math.Min(4 * busy / groups, lines.Length / ((long)PartElements * Lanes)), LaunchSize.MostYZ);
        if (parts < 2) return (1, lines.Length);
        long length = (lines.Length + parts - 1) / parts;
        return ((int)((lines.Length + length - 1) / length), length);
    }
}
