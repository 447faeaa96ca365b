namespace Gradwright;

/// <summary>
/// A reproducible stream of random numbers: a key and a position. The same seed gives the same numbers on every accelerator,
/// for any number of threads. Not safe for use by several threads at once: give each its own <see cref="Fork(string)"/>.
/// </summary>
public sealed partial class Generator
{
    private const ulong ForkOffset = 0x632BE59BD9B4E019;     // so that no fork is its parent

    private ulong _counter;

    /// <summary>A stream that starts at its beginning.</summary>
    public Generator(ulong seed = 0) => Key = Mix(seed);

    private Generator(ulong key, ulong counter) => (Key, _counter) = (key, counter);

    /// <summary>The stream.</summary>
    public ulong Key { get; private set; }

    /// <summary>Everything there is to know about a generator: for checkpoints. Set it to go on where a saved one stood.</summary>
    public GeneratorState State
    {
        get => new(Key, _counter);
        set => (Key, _counter) = (value.Key, value.Counter);
    }

    /// <summary>A generator that goes on where a saved one stood.</summary>
    public static Generator Restore(GeneratorState state) => new(state.Key, state.Counter);

    /// <summary>An independent stream for a purpose with a name, such as a module's path; the same name gives the same stream.</summary>
    public Generator Fork(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ulong hash = 14695981039346656037;              // FNV-1a over UTF-16 units
        foreach (char c in name) hash = (hash ^ c) * 1099511628211;
        return Fork(hash);
    }

    /// <summary>An independent stream for a number, such as an epoch.</summary>
    public Generator Fork(ulong stream) => new(Mix(Key ^ Mix(stream + ForkOffset)), 0);

    /// <summary>Becomes what <paramref name="parent"/> would give as <see cref="Fork(ulong)"/>, without a new object: for a stream per sample.</summary>
    internal void BecomeFork(Generator parent, ulong stream) => (Key, _counter) = (Mix(parent.Key ^ Mix(stream + ForkOffset)), 0);

    /// <summary>Reserves blocks of four 32-bit words for a kernel.</summary>
    /// <returns>The counter of the first.</returns>
    public ulong Reserve(long blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blocks);
        ulong first = _counter;
        _counter += (ulong)blocks;
        StepListener.Current?.Reserved(this, first, blocks);
        return first;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        StepListener.Current?.DrawnByHost(this);
        Philox.Block(Key, _counter++, out uint x0, out uint x1, out _, out _);
        return (ulong)x1 << 32 | x0;
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in 0 .. bound−1, without bias.</summary>
    public long Next(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        ulong range = (ulong)bound, threshold = (0 - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
            if (low >= threshold) return (long)high;
        }
    }

    /// <summary>Puts the items in random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = (int)Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    // SplitMix64's finalizer: neighbouring seeds give unrelated keys.
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

/// <summary>Where a generator stands.</summary>
/// <param name="Key">The stream.</param>
/// <param name="Counter">The next block of it.</param>
public readonly record struct GeneratorState(ulong Key, ulong Counter);
