namespace Gradwright.Data;

/// <summary>
/// The random numbers of one image: a stream whose key is a Philox block of the seed and the image's index, so any thread can draw any image at any
/// time. Only integer arithmetic, sums and products: the same bits on every machine.
/// </summary>
internal struct ImageRandom
{
    private readonly ulong _key;
    private ulong _counter;
    private uint _x0, _x1, _x2, _x3;
    private int _left;

    public ImageRandom(ulong seed, ulong index)
    {
        Philox.Block(seed, index, out uint low, out uint high, out _, out _);
        _key = (ulong)high << 32 | low;
    }

    public uint Next()
    {
        if (_left == 0)
        {
            Philox.Block(_key, _counter++, out _x0, out _x1, out _x2, out _x3);
            _left = 4;
        }
        return _left-- switch { 4 => _x0, 3 => _x1, 2 => _x2, _ => _x3 };
    }

    /// <summary>0 to <paramref name="count"/> − 1, equally likely but for 2⁻³² · count.</summary>
    public int Below(int count) => (int)((ulong)Next() * (uint)count >> 32);

    /// <summary>Uniform in [low, high).</summary>
    public float Uniform(float low, float high) => low + (high - low) * ((Next() >> 8) * (1f / (1 << 24)));

    /// <summary>Nearly normal, mean 0 and deviation 1, within ±3.5: the sum of four uniform numbers, which takes no logarithm.</summary>
    public float Normal() => (Uniform(-0.5f, 0.5f) + Uniform(-0.5f, 0.5f) + Uniform(-0.5f, 0.5f) + Uniform(-0.5f, 0.5f)) * 1.7320508f;

    /// <summary>As <see cref="Normal"/>, from the four bytes of one number: for noise, which needs no fine steps.</summary>
    public float CoarseNormal()
    {
        uint bits = Next();
        uint sum = (bits & 0xFF) + (bits >> 8 & 0xFF) + (bits >> 16 & 0xFF) + (bits >> 24);
        return (sum - 510f) * (1f / 147.8f);
    }
}
