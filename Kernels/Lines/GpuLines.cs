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
    public readonly bool IsWide(GpuAccelerator gpu)
    {
        double reach = (double)InnerLines * Math.Abs(LineStep) + (double)Count / InnerLines * Math.Abs(OuterLineStep)
            + (double)Inner * Math.Abs(Step) + (double)Length / Inner * Math.Abs(OuterStep);
        return Math.Max(reach, Length) >= gpu.Tuning.WideFrom;
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
