using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>
/// Pieces of a long sequence of tokens to learn the next one from: input Int64 [length] = tokens s … s + length − 1, target Int64 [length] = the same, one
/// further. Window i begins at s = i · stride.
/// </summary>
public sealed class TokenWindows : IDataset
{
    private readonly ReadOnlyMemory<int> _tokens;
    private readonly int _length, _stride;

    /// <summary>Windows over tokens, which are used without a copy.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="stride">How far apart windows begin; 0: as far as they are long, so that each token is an input once.</param>
    /// <exception cref="ArgumentException">There are not enough tokens for one window and the token after it.</exception>
    public TokenWindows(ReadOnlyMemory<int> tokens, int length, int stride = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegative(stride);
        if (tokens.Length <= length)
            throw new ArgumentException($"TokenWindows: windows of {length} tokens and the one after each take at least {length + 1L}, but there " +
                $"are {tokens.Length}. Use shorter windows.", nameof(length));
        (_tokens, _length, _stride) = (tokens, length, stride == 0 ? length : stride);
        Count = (tokens.Length - 1 - length) / _stride + 1;
        Input = Target = new(DType.Int64, [length]);
    }

    public long Count { get; }

    public SampleSpec Input { get; }

    public SampleSpec Target { get; }

    public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
    {
        Span<long> x = MemoryMarshal.Cast<byte, long>(inputs), y = MemoryMarshal.Cast<byte, long>(targets);     // [indices, length]
        for (int i = 0; i < indices.Length; i++)
        {
            ReadOnlySpan<int> window = _tokens.Span.Slice(checked((int)(indices[i] * _stride)), _length + 1);
            for (int j = 0; j < _length; j++) (x[i * _length + j], y[i * _length + j]) = (window[j], window[j + 1]);
        }
    }
}
