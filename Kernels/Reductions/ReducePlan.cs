using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Which elements fold to which result. One dimension of stride 1 is the inner one: reduced (rows, folded lane by lane) or kept
/// (columns, one lane per result). The others are merged where the strides allow it. Results are numbered row-major.
/// </summary>
/// <remarks>
/// The elements of one result, or of a strip of neighbouring columns, are cut into units: pieces of a row, or single rows of a
/// strip. All cuts are by size alone, so no sum depends on the number of threads.
/// </remarks>
internal unsafe struct ReducePlan
{
    public const int UnitElements = 4096;           // the longest piece of a row; also what is folded without a pairwise step
    public const int StripWidth = 1024;             // columns folded together: their totals stay in the first-level cache
    private const long RowChunk = 32 << 10;         // the elements of one row that one task folds
    private const long StripChunk = 128 << 10;      // those of a strip: each chunk leaves as many totals as the strip has columns

    /// <summary>The inner dimension is reduced.</summary>
    public bool Rows;

    /// <summary>Length of the inner dimension.</summary>
    public long Inner;

    /// <summary>Elements that fold to one result.</summary>
    public long Count;

    /// <summary>Number of results.</summary>
    public long Results;

    /// <summary>Units of each cell (a result, or a strip of columns).</summary>
    public long Units;

    /// <summary>Number of cells, and of strips per row of results.</summary>
    public long Cells, Strips;

    private long _pieces;
    private int _keptRank, _reducedRank;
    private fixed long _keptLengths[Shape.MaxRank], _keptStrides[Shape.MaxRank];
    private fixed long _reducedLengths[Shape.MaxRank], _reducedStrides[Shape.MaxRank];

    /// <summary>Elements of a cell.</summary>
    public readonly long CellElements => Rows ? Count : Count * Math.Min(Inner, StripWidth);

    /// <summary>Parts in which each cell is folded, to be combined afterwards.</summary>
    public readonly int Chunks
    {
        get
        {
            long chunk = Rows ? RowChunk : StripChunk;
            return CellElements <= 2 * chunk ? 1 : (int)Math.Min(Units, (CellElements + chunk - 1) / chunk);
        }
    }

    /// <summary>Plans a reduction of the dimensions in the bit set <paramref name="axes"/>.</summary>
    /// <returns>False when the layout has no inner dimension that would do: pack the operand first.</returns>
    public static bool TryCreate(Layout x, uint axes, out ReducePlan plan)
    {
        plan = default;
        plan.Count = plan.Results = 1;
        int inner = -1, lastKept = -1;
        for (int d = 0; d < x.Rank; d++)
        {
            long length = x.Shape.Span[d];
            bool reduced = (axes >> d & 1) != 0;
            if (reduced) plan.Count *= length;
            else plan.Results *= length;
            if (length == 1) continue;
            if (!reduced) lastKept = d;
            if (x.Strides[d] == 1) inner = d;
        }

        if (x.Count == 0)
        {
            (plan.Rows, plan.Cells, plan.Strips, plan._pieces) = (true, plan.Results, 1, 1);
            return true;
        }

        plan.Rows = inner < 0 || (axes >> inner & 1) != 0;
        if ((inner < 0 && x.Count > 1) || (!plan.Rows && inner != lastKept)) return false;
        plan.AddDimensions(x, axes, inner);
        plan._pieces = plan.Rows ? (plan.Inner + UnitElements - 1) / UnitElements : 1;
        plan.Units = plan.Rows ? plan.Count / plan.Inner * plan._pieces : plan.Count;
        plan.Strips = plan.Rows ? 1 : (plan.Inner + StripWidth - 1) / StripWidth;
        plan.Cells = plan.Rows ? plan.Results : plan.Results / plan.Inner * plan.Strips;
        return true;
    }

    /// <summary>Where a cell starts, the number of its first result, and how many results it has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Cell(long cell, out long result, out int width)
    {
        if (Rows)
        {
            (result, width) = (cell, 1);
            return KeptOffset(cell);
        }

        long row = cell / Strips, start = (cell - row * Strips) * StripWidth;
        result = row * Inner + start;
        width = (int)Math.Min(StripWidth, Inner - start);
        return KeptOffset(row) + start;
    }

    /// <summary>Where a unit starts, relative to its cell, and how many elements it has in a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Unit(long unit, out long length)
    {
        long start = 0;
        length = Inner;
        if (_pieces > 1)
        {
            long row = unit / _pieces;
            start = (unit - row * _pieces) * UnitElements;
            length = Math.Min(UnitElements, Inner - start);
            unit = row;
        }

        for (int d = _reducedRank - 1; d > 0; d--)
        {
            long rest = unit / _reducedLengths[d];
            start += (unit - rest * _reducedLengths[d]) * _reducedStrides[d];
            unit = rest;
        }

        return start + unit * _reducedStrides[0];
    }

    /// <summary>The most elements of a unit in a row.</summary>
    public readonly long UnitLength => _pieces > 1 ? UnitElements : Inner;

    private readonly long KeptOffset(long index)
    {
        long offset = 0;
        for (int d = _keptRank - 1; d > 0; d--)
        {
            long rest = index / _keptLengths[d];
            offset += (index - rest * _keptLengths[d]) * _keptStrides[d];
            index = rest;
        }

        return offset + index * _keptStrides[0];
    }

    private void AddDimensions(Layout x, uint axes, int inner)
    {
        // Kept dimensions stay in order. Reduced ones may come in any: by stride, so that a permuted but dense operand merges.
        Span<int> order = stackalloc int[Shape.MaxRank];
        int reduced = 0;
        fixed (long* kl = _keptLengths, ks = _keptStrides, rl = _reducedLengths, rs = _reducedStrides)
        {
            for (int d = 0; d < x.Rank; d++)
            {
                if (x.Shape.Span[d] == 1) continue;
                if ((axes >> d & 1) == 0)
                {
                    Append(kl, ks, ref _keptRank, x.Shape.Span[d], x.Strides[d]);
                    continue;
                }

                int i = reduced++;
                for (; i > 0 && d != inner && (order[i - 1] == inner || x.Strides[order[i - 1]] < x.Strides[d]); i--) order[i] = order[i - 1];
                order[i] = d;
            }

            foreach (int d in order[..reduced]) Append(rl, rs, ref _reducedRank, x.Shape.Span[d], x.Strides[d]);

            // The inner dimension leaves its list, taking along what merged with it.
            Inner = inner < 0 ? 1 : Rows ? rl[--_reducedRank] : kl[--_keptRank];
        }
    }

    private static void Append(long* lengths, long* strides, ref int rank, long length, long stride)
    {
        if (rank > 0 && strides[rank - 1] == stride * length)
        {
            lengths[rank - 1] *= length;
            strides[rank - 1] = stride;
            return;
        }

        (lengths[rank], strides[rank]) = (length, stride);
        rank++;
    }
}
