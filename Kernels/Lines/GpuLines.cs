using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>Where the lines of a tensor lie and where their elements, as <c>lines.cuh</c> declares it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GpuLines
{
    public long Count, Length;
    public long InnerLines, LineStep, OuterLineStep;
    public long Inner, Step, OuterStep;

    /// <summary>Lines along the middle dimension of a row-major [outer, length, inner].</summary>
    public static GpuLines Along(AxisView view) => new()
    {
        Count = view.Outer * view.Inner, Length = view.Length,
        InnerLines = Math.Max(1, view.Inner), LineStep = 1, OuterLineStep = view.Length * view.Inner,
        Inner = Math.Max(1, view.Length), Step = view.Inner,
    };

    /// <summary>The channels of a row-major [samples, channels, inner], each one line through all samples.</summary>
    public static GpuLines Channels(AxisView view) => new()
    {
        Count = view.Length, Length = view.Outer * view.Inner,
        InnerLines = Math.Max(1, view.Length), LineStep = view.Inner,
        Inner = Math.Max(1, view.Inner), Step = 1, OuterStep = view.Length * view.Inner,
    };

    /// <summary>Lines along the dimensions in the bit set <paramref name="axes"/>, one per element of the others, in row-major order.</summary>
    /// <returns>False when either need more than two strides: pack the operand first.</returns>
    public static bool TryCreate(Layout x, uint axes, out GpuLines lines)
    {
        lines = new() { Count = 1, Length = 1, InnerLines = 1, Inner = 1 };
        for (int d = 0; d < x.Rank; d++)
        {
            if ((axes >> d & 1) == 0) lines.Count *= x.Shape.Span[d];
            else lines.Length *= x.Shape.Span[d];
        }

        if (x.Count == 0) return true;

        // Kept dimensions stay in order. Reduced ones may come in any: by stride, so that a permuted but dense operand merges.
        Span<int> order = stackalloc int[Shape.MaxRank];
        Dimensions kept = default, reduced = default;
        int n = 0;
        for (int d = 0; d < x.Rank; d++)
        {
            if (x.Shape.Span[d] == 1) continue;
            if ((axes >> d & 1) == 0)
            {
                kept.Append(x.Shape.Span[d], x.Strides[d]);
                continue;
            }

            int i = n++;
            for (; i > 0 && Math.Abs(x.Strides[order[i - 1]]) < Math.Abs(x.Strides[d]); i--) order[i] = order[i - 1];
            order[i] = d;
        }

        foreach (int d in order[..n]) reduced.Append(x.Shape.Span[d], x.Strides[d]);
        if (kept.Rank > 2 || reduced.Rank > 2) return false;
        if (kept.Rank > 0) (lines.InnerLines, lines.LineStep) = kept.Last;
        if (kept.Rank > 1) lines.OuterLineStep = kept.FirstStride;
        if (reduced.Rank > 0) (lines.Inner, lines.Step) = reduced.Last;
        if (reduced.Rank > 1) lines.OuterStep = reduced.FirstStride;
        return true;
    }

    /// <summary>Neighbouring lines are nearer to each other in memory than the elements of one, and there are enough of them.</summary>
    public readonly bool AreColumns
    {
        get
        {
            if (LineStep == 0 || (InnerLines < 8 && Length > LineGrid.LaneElements)) return false;
            long step = Inner > 1 ? Step : OuterStep;
            return step == 0 || Math.Abs(LineStep) < Math.Abs(step);
        }
    }

    /// <summary>Positions, or numbers of elements, do not fit into 32 bits with room to spare.</summary>
    public readonly bool IsWide
    {
        get
        {
            double reach = (double)InnerLines * Math.Abs(LineStep) + (double)Count / InnerLines * Math.Abs(OuterLineStep)
                + (double)Inner * Math.Abs(Step) + (double)Length / Inner * Math.Abs(OuterStep);
            return Math.Max(reach, Length) > 1 << 30;
        }
    }

    private struct Dimensions
    {
        private fixed long _lengths[Shape.MaxRank], _strides[Shape.MaxRank];

        public int Rank;

        public readonly (long Length, long Stride) Last => (_lengths[Rank - 1], _strides[Rank - 1]);

        public readonly long FirstStride => _strides[0];

        public void Append(long length, long stride)
        {
            if (Rank > 0 && _strides[Rank - 1] == stride * length)
            {
                _lengths[Rank - 1] *= length;
                _strides[Rank - 1] = stride;
                return;
            }

            (_lengths[Rank], _strides[Rank]) = (length, stride);
            Rank++;
        }
    }
}

/// <summary>How work items share lines: what the specialisations of line kernels differ in. Chosen by sizes and by the device's tuning alone, so every sum has a fixed order.</summary>
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
        return new(columns, lanes, group, lines.IsWide);
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
