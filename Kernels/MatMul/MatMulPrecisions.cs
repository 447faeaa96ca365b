namespace Gradwright;

/// <summary>Chooses the <see cref="MatMulPrecision"/> of a thread.</summary>
public static class MatMulPrecisions
{
    [ThreadStatic] private static MatMulPrecision _current;

    /// <summary>What holds on this thread now.</summary>
    public static MatMulPrecision Current => _current;

    /// <summary>Until disposed, this thread's matrix products on GPUs may round their operands so far; a backward pass has the precision that holds where it is called.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of the precisions.</exception>
    public static Usage Use(this MatMulPrecision precision)
    {
        if (!Enum.IsDefined(precision)) throw new ArgumentOutOfRangeException(nameof(precision), precision, "Use: not a precision of matrix products.");
        return new(precision);
    }

    /// <summary>The span in which <see cref="Use"/> holds.</summary>
    public readonly ref struct Usage
    {
        private readonly MatMulPrecision _outer;

        internal Usage(MatMulPrecision precision) => (_outer, _current) = (_current, precision);

        public void Dispose() => _current = _outer;
    }
}
