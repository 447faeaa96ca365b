using Gradwright.Kernels;

namespace Gradwright;

/// <summary>Chooses the <see cref="MixedPrecision"/> of a thread.</summary>
public static class MixedPrecisions
{
    // In a backward pass nothing is chosen any more, but numbers of both widths may meet: statistics in Float32 and gradients of 16 bits.
    private const MixedPrecision Following = (MixedPrecision)byte.MaxValue;

    [ThreadStatic] private static MixedPrecision _current;

    /// <summary>What holds on this thread now.</summary>
    public static MixedPrecision Current => _current == Following ? MixedPrecision.Off : _current;

    internal static bool IsOn => _current != MixedPrecision.Off;

    /// <summary>Until disposed, ops on this thread run in mixed precision. A backward pass follows the types of its forward pass, wherever it is called.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of the values.</exception>
    public static Usage Use(this MixedPrecision precision)
    {
        if (!Enum.IsDefined(precision)) throw new ArgumentOutOfRangeException(nameof(precision), precision, "Use: no kind of mixed precision.");
        return new(precision);
    }

    /// <summary>The span of a backward pass.</summary>
    internal static Usage Follow() => new(Following);

    /// <summary>The operands as the op is to have them: itself, or casts of some.</summary>
    internal static ReadOnlySpan<Tensor> Adapt(Op op, ReadOnlySpan<Tensor> x)
    {
        bool hasHalf = false, hasSingle = false;
        foreach (Tensor tensor in x)
        {
            hasHalf |= tensor.DType.IsHalf;
            hasSingle |= tensor.DType == DType.Float32;
        }

        return op.Precision switch
        {
            _ when op is Cast => x,
            _ when _current == Following => hasHalf && hasSingle && !op.MixesWidths ? CastAll(x, DType.Float32) : x,
            PrecisionRole.Half when hasSingle => CastAll(x, _current == MixedPrecision.BFloat16 ? DType.BFloat16 : DType.Float16),
            PrecisionRole.Single when hasHalf => CastAll(x, DType.Float32),
            PrecisionRole.Any when hasHalf && hasSingle && !op.MixesWidths => CastAll(x, DType.Float32),
            _ => x,
        };
    }

    private static Tensor[] CastAll(ReadOnlySpan<Tensor> x, DType dtype)
    {
        Tensor[] cast = x.ToArray();
        foreach (ref Tensor tensor in cast.AsSpan())
            if (tensor.DType != dtype && (tensor.DType.IsHalf || tensor.DType == DType.Float32)) tensor = Tape.Apply(new Cast(dtype), tensor);
        return cast;
    }

    /// <summary>The span in which <see cref="Use"/> holds.</summary>
    public readonly ref struct Usage
    {
        private readonly MixedPrecision _outer;

        internal Usage(MixedPrecision precision) => (_outer, _current) = (_current, precision);

        public void Dispose() => _current = _outer;
    }
}
