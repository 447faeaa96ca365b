namespace Gradwright;

/// <summary>
/// Guided backpropagation (Springenberg et al. 2014): on its way back through a rectifier a gradient passes only where the rectifier let its input pass, as always, and where the
/// gradient itself is positive.
/// </summary>
internal static class GuidedRectifiers
{
    [ThreadStatic] private static int _depth;

    /// <summary>Until disposed, backward passes on this thread are guided.</summary>
    public static Usage Use() => new(1);

    /// <summary>What of a rectifier's gradient goes on.</summary>
    public static Tensor Pass(Tensor g) => _depth > 0 ? g.Relu() : g;

    /// <summary>The span in which <see cref="Use"/> holds.</summary>
    public readonly ref struct Usage
    {
        private readonly int _step;

        internal Usage(int step) => _depth += _step = step;

        public void Dispose() => _depth -= _step;
    }
}
