using Gradwright.Data;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Small data sets for the newcomers, made on the spot from fixed seeds.</summary>
internal static class NewcomerData
{
    /// <summary>Tokens of a sequence.</summary>
    public const int Length = 14;

    /// <summary>Different tokens.</summary>
    public const int Letters = 5;

    /// <summary>Nodes of a ring.</summary>
    public const int Nodes = 10;

    /// <summary>Of an image.</summary>
    public const int Side = 12;

    private const int Samples = 360;

    // Which of three letters comes most often?
    public static ArrayDataset<long, long> Counts(bool shuffled)
    {
        Generator random = new(61);
        long[] x = new long[Samples * Length], t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 3;
            for (int j = 0; j < Length; j++) x[i * Length + j] = random.NextDouble() < 0.45 ? t[i] : random.Next(Letters);
        }

        return new(x, [Length], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // Shells around 0, one per class, with noise.
    public static ArrayDataset<float, long> Shells(bool shuffled)
    {
        const int Features = 5;
        float[] x = GeneratedData.Normal(new(67), Samples * Features), noise = GeneratedData.Normal(new(68), Samples * Features);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 3;
            Span<float> point = x.AsSpan(i * Features, Features);
            double length = Math.Sqrt(point.ToArray().Sum(value => value * value)), radius = 1 + 1.5 * t[i];
            for (int j = 0; j < Features; j++) point[j] = (float)(point[j] * radius / length) + 0.1f * noise[i * Features + j];
        }

        return new(x, [Features], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // Waves around a ring of nodes, of three frequencies; two features are noise.
    public static ArrayDataset<float, long> Rings(bool shuffled)
    {
        Generator random = new(71);
        float[] x = GeneratedData.Normal(random, Samples * Nodes * 3);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 3;
            double phase = 6.28 * random.NextDouble();
            for (int j = 0; j < Nodes; j++)
                x[(i * Nodes + j) * 3] = (float)(1.4 * Math.Sin(phase + 2 * Math.PI * j * (1 + 1.5 * t[i]) / Nodes)) + 0.3f * x[(i * Nodes + j) * 3];
        }

        return new(x, [Nodes, 3], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // A bump somewhere in noise: steep at its beginning, at its end, or on both sides.
    public static ArrayDataset<float, long> Bumps(bool shuffled)
    {
        const int Points = 40;
        Generator random = new(73);
        float[] x = GeneratedData.Normal(random, Samples * Points);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 3;
            double centre = 10 + 20 * random.NextDouble(), before = t[i] == 1 ? 6 : 1, after = t[i] == 0 ? 6 : 1;
            for (int j = 0; j < Points; j++)
                x[i * Points + j] = (float)(0.3 * x[i * Points + j] + 3 * Math.Exp(-Math.Abs(j - centre) / (j < centre ? before : after)));
        }

        return new(x, [1, Points], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // Two spots in noise; in which quarter lies the brighter one?
    public static ArrayDataset<float, long> Spots(bool shuffled)
    {
        Generator random = new(79);
        float[] x = GeneratedData.Normal(random, Samples * Side * Side);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 4;
            (double Row, double Column, double Height)[] spots = [At(t[i], 4), At((t[i] + 1 + random.Next(3)) % 4, 2)];
            for (int j = 0; j < Side * Side; j++)
            {
                double light = spots.Sum(s => s.Height * Math.Exp(-(Math.Pow(j / Side - s.Row, 2) + Math.Pow(j % Side - s.Column, 2)) / 4));
                x[i * Side * Side + j] = (float)(0.4 * x[i * Side * Side + j] + light);
            }
        }

        return new(x, [1, Side, Side], GeneratedData.Mixed(t, 1, shuffled), []);

        (double, double, double) At(long quarter, double height) => (quarter / 2 * 6 + 1.5 + 2 * random.NextDouble(), quarter % 2 * 6 + 1.5 + 2 * random.NextDouble(), height);
    }

    // A bright disc and a dark square somewhere in noise; what does each pixel belong to?
    public static ArrayDataset<float, long> Masks(bool shuffled)
    {
        const int Pixels = Side * Side;
        Generator random = new(83);
        float[] x = GeneratedData.Normal(random, Samples * Pixels);
        long[] t = new long[Samples * Pixels];
        for (int i = 0; i < Samples; i++)
        {
            (double row, double column, double radius) = (3 + 6 * random.NextDouble(), 3 + 6 * random.NextDouble(), 1.5 + 1.5 * random.NextDouble());
            (double top, double left, double size) = (8 * random.NextDouble(), 8 * random.NextDouble(), 2 + 2 * random.NextDouble());
            for (int j = 0; j < Pixels; j++)
            {
                (int r, int c) = (j / Side, j % Side);
                bool disc = (r - row) * (r - row) + (c - column) * (c - column) < radius * radius, square = r >= top && r < top + size && c >= left && c < left + size;
                t[i * Pixels + j] = disc ? 1 : square ? 2 : 0;
                x[i * Pixels + j] = (float)(0.5 * x[i * Pixels + j] + (disc ? 1.5 : square ? -1.5 : 0));
            }
        }

        return new(x, [1, Side, Side], GeneratedData.Mixed(t, Pixels, shuffled), [Side, Side]);
    }

    // A curved surface over three numbers, with noise that is not symmetric.
    public static ArrayDataset<float, float> Surface(bool shuffled)
    {
        Generator random = new(89);
        float[] x = GeneratedData.Normal(random, Samples * 3), t = new float[Samples];
        for (int i = 0; i < Samples; i++)
            t[i] = (float)(Math.Sin(1.5 * x[3 * i]) + 0.7 * x[3 * i + 1] * x[3 * i + 2] - 0.3 * Math.Log(1 - random.NextDouble()) - 0.3);
        return new(x, [3], GeneratedData.Mixed(t, 1, shuffled), [1]);
    }
}
