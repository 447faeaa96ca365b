namespace Gradwright.Data;

/// <summary>
/// Which old pixels along one axis make a new one, and with what weights: a triangle as wide as a new pixel's distance, at least one old pixel each way. So it is linear
/// interpolation where pictures grow, and free of aliasing where they shrink. Every new pixel has the same number of old ones, some with weight 0.
/// </summary>
internal sealed class ResampleWeights
{
    private float[] _weights = [];              // [new, Count]
    private int[] _first = [];

    /// <summary>Old pixels for each new one.</summary>
    public int Count { get; private set; }

    /// <summary>The old pixel where those of new pixel <paramref name="i"/> begin.</summary>
    public int First(int i) => _first[i];

    /// <summary>The weights of new pixel <paramref name="i"/>, with sum 1.</summary>
    public ReadOnlySpan<float> Of(int i) => _weights.AsSpan(i * Count, Count);

    /// <summary>Makes new pixels of the part [start, start + length) of the old ones.</summary>
    public ResampleWeights Set(int oldSize, int newSize, double start, double length)
    {
        double scale = length / newSize, support = Math.Max(scale, 1);
        Count = Math.Min(oldSize, (int)Math.Ceiling(2 * support) + 1);
        if (_first.Length < newSize) _first = new int[newSize];
        if (_weights.Length < newSize * Count) _weights = new float[newSize * Count];
        for (int i = 0; i < newSize; i++)
        {
            double centre = start + (i + 0.5) * scale, total = 0;
            _first[i] = Math.Clamp((int)Math.Floor(centre - support), 0, oldSize - Count);
            for (int k = 0; k < Count; k++) total += Weight(k);
            for (int k = 0; k < Count; k++) _weights[i * Count + k] = (float)(Weight(k) / total);

            double Weight(int k) => Math.Max(0, 1 - Math.Abs(_first[i] + k + 0.5 - centre) / support);
        }

        return this;
    }
}
