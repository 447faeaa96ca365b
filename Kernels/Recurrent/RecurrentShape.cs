namespace Gradwright.Kernels;

/// <summary>The sizes of a recurrence, and the order of its steps.</summary>
/// <param name="Steps">T.</param>
/// <param name="Rows">N, the batch.</param>
/// <param name="Hidden">H, numbers of the state.</param>
/// <param name="Gates">Numbers of the products per number of the state.</param>
/// <param name="Reverse">Whether the last position comes first.</param>
internal readonly record struct RecurrentShape(int Steps, int Rows, int Hidden, int Gates, bool Reverse)
{
    /// <summary>Numbers of a state.</summary>
    public long State => (long)Rows * Hidden;

    /// <summary>Numbers of all gates at one position.</summary>
    public long Products => State * Gates;

    /// <summary>The position of a step.</summary>
    public int Position(int step) => Reverse ? Steps - 1 - step : step;

    /// <summary>The position of the step before; the same position for the first step.</summary>
    public int Before(int position) => Math.Clamp(Reverse ? position + 1 : position - 1, 0, Math.Max(0, Steps - 1));

    /// <summary>Where a sequence of this length starts.</summary>
    public long First(long length) => Reverse ? length - 1 : 0;

    /// <summary>Says which length does not fit.</summary>
    public static ArgumentOutOfRangeException NoLength(string op, long row, long length, long steps)
        => new(null, $"{op}: lengths[{row}] is {length}, but the sequences have {steps} positions: lengths are 0 to {steps}.");

    /// <exception cref="ArgumentOutOfRangeException">A length is not between 0 and the number of positions.</exception>
    public unsafe void CheckLengths(string op, long* lengths)
    {
        if (lengths == null) return;
        for (int row = 0; row < Rows; row++)
            if (lengths[row] < 0 || lengths[row] > Steps) throw NoLength(op, row, lengths[row], Steps);
    }
}
