namespace Gradwright;

/// <summary>Chooses the <see cref="ConvolutionAlgorithm"/> of a thread.</summary>
public static class ConvolutionAlgorithms
{
    [ThreadStatic] private static ConvolutionAlgorithm _current;

    /// <summary>What holds on this thread now.</summary>
    public static ConvolutionAlgorithm Current => _current;

    /// <summary>Until disposed, convolutions that this thread begins choose among these; a backward pass has the algorithm that holds where it is called.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of the algorithms.</exception>
    public static Usage Use(this ConvolutionAlgorithm algorithm)
    {
        if (!Enum.IsDefined(algorithm)) throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Use: not an algorithm of convolutions.");
        return new(algorithm);
    }

    /// <summary>The span in which <see cref="Use"/> holds.</summary>
    public readonly ref struct Usage
    {
        private readonly ConvolutionAlgorithm _outer;

        internal Usage(ConvolutionAlgorithm algorithm) => (_outer, _current) = (_current, algorithm);

        public void Dispose() => _current = _outer;
    }
}
