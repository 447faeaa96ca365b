using Gradwright.Data;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Data sets for the visitors, made on the spot from fixed seeds, with noise in what is given or asked.</summary>
internal static class VisitorData
{
    /// <summary>Of a coloured picture.</summary>
    public const int Side = 24;

    /// <summary>Of a picture of a letter.</summary>
    public const int Page = 16;

    /// <summary>Points of a gesture.</summary>
    public const int Points = 30;

    /// <summary>Different words: 0..5 praise, 6..11 blame, 12 and 13 deny, the others say nothing.</summary>
    public const int Words = 60;

    // Five rows of three pixels each.
    private static readonly string[] _letters = ["####.####..####", "####..####..#..", "#.##.#####.##.#", "#..#..#..#..###", "###.#..#..#..#.", "#.##.#.#.#.##.#"];

    // A disc, a square, a ring or a plus in one colour on another, with noise.
    public static ArrayDataset<float, long> Shapes(bool shuffled)
    {
        const int Samples = 1000, Pixels = Side * Side;
        Generator random = new(211);
        float[] x = GeneratedData.Normal(random, Samples * 3 * Pixels);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 4;
            (double row, double column, double size) = (8 + 7 * random.NextDouble(), 8 + 7 * random.NextDouble(), 4.5 + 2.5 * random.NextDouble());
            double[] ground = Colour(), paint = Colour();
            for (int k = 0; k < 3; k++) paint[k] += paint[k] > ground[k] ? 0.7 : -0.7;
            for (int j = 0; j < Pixels; j++)
            {
                bool inside = Inside(t[i], Math.Abs(j / Side - row) / size, Math.Abs(j % Side - column) / size);
                for (int k = 0; k < 3; k++)
                {
                    int at = (3 * i + k) * Pixels + j;
                    x[at] = (float)(0.3 * x[at] + (inside ? paint[k] : ground[k]));
                }
            }
        }

        return new(x, [3, Side, Side], GeneratedData.Mixed(t, 1, shuffled), []);

        double[] Colour() => [2 * random.NextDouble() - 1, 2 * random.NextDouble() - 1, 2 * random.NextDouble() - 1];
        static bool Inside(long shape, double down, double right)
        {
            double distance = Math.Sqrt(down * down + right * right);
            return shape switch { 0 => distance < 1, 1 => Math.Max(down, right) < 0.9, 2 => distance is < 1.1 and > 0.6, _ => Math.Min(down, right) < 0.3 && Math.Max(down, right) < 1.1 };
        }
    }

    // One of six letters, twice as large, anywhere on a page; some of its pixels are missing.
    public static ArrayDataset<float, long> Letters(bool shuffled)
    {
        const int Samples = 900;
        Generator random = new(223);
        float[] x = GeneratedData.Normal(random, Samples * Page * Page);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % _letters.Length;
            (int row, int column, double ink) = ((int)random.Next(Page - 9), (int)random.Next(Page - 5), 1 + random.NextDouble());
            for (int j = 0; j < Page * Page; j++)
            {
                (int r, int c) = ((j / Page - row) >> 1, (j % Page - column) >> 1);
                bool drawn = r is >= 0 and < 5 && c is >= 0 and < 3 && _letters[t[i]][3 * r + c] == '#' && random.NextDouble() > 0.1;
                x[i * Page * Page + j] = (float)(0.5 * x[i * Page * Page + j] + (drawn ? ink : 0));
            }
        }

        return new(x, [1, Page, Page], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // What a hand does, as three sensors tell it: a circle to the right or to the left, a line in one of two directions, an eight.
    public static ArrayDataset<float, long> Gestures(bool shuffled)
    {
        const int Samples = 800;
        Generator random = new(227);
        float[] x = GeneratedData.Normal(random, Samples * Points * 3);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 5;
            (double phase, double speed, double size, double tilt) = (6.28 * random.NextDouble(), 0.25 + 0.2 * random.NextDouble(), 0.8 + 0.6 * random.NextDouble(), random.NextDouble() - 0.5);
            for (int j = 0; j < Points; j++)
            {
                double angle = phase + speed * j;
                (double across, double up) = t[i] switch
                {
                    0 => (Math.Cos(angle), Math.Sin(angle)),
                    1 => (Math.Cos(angle), -Math.Sin(angle)),
                    2 => (1.4 * Math.Cos(angle), 0),
                    3 => (0, 1.4 * Math.Cos(angle)),
                    _ => (Math.Sin(angle), Math.Sin(2 * angle)),
                };
                int at = 3 * (i * Points + j);
                double[] hand = [across * Math.Cos(tilt) - up * Math.Sin(tilt), across * Math.Sin(tilt) + up * Math.Cos(tilt), 0.5 * up * tilt];
                for (int k = 0; k < 3; k++) x[at + k] = (float)(0.8 * x[at + k] + size * hand[k]);
            }
        }

        return new(x, [Points, 3], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // How strong a concrete gets by what is in it and by its age; mean 0 and variance 1.
    public static ArrayDataset<float, float> Concrete(bool shuffled)
    {
        const int Samples = 800, Features = 8;
        Generator random = new(229);
        float[] x = GeneratedData.Normal(random, Samples * Features), noise = GeneratedData.Normal(random, Samples);
        double[] strength = new double[Samples];
        for (int i = 0; i < Samples; i++)
        {
            ReadOnlySpan<float> s = x.AsSpan(i * Features, Features);
            strength[i] = 1.2 * s[0] - 0.9 * s[1] + 0.8 * s[0] * s[2] + Math.Sqrt(1 + 2 * Math.Exp(0.7 * s[3])) + Math.Sin(1.5 * s[4]) - 0.4 * s[5] * s[5] + 0.3 * s[6] + 0.4 * noise[i];
        }

        double mean = strength.Average(), width = Math.Sqrt(strength.Average(value => (value - mean) * (value - mean)));
        return new(x, [Features], GeneratedData.Mixed(strength.Select(value => (float)((value - mean) / width)).ToArray(), 1, shuffled), [1]);
    }

    // Words that praise or blame, the contrary after one that denies; one verdict of twenty is random.
    public static ArrayDataset<long, long> Reviews(bool shuffled)
    {
        const int Samples = 1200, Length = 20;
        Generator random = new(233);
        long[] x = new long[Samples * Length], t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            Span<long> words = x.AsSpan(i * Length, Length);
            int liking = random.NextDouble() < 0.5 ? 1 : -1;
            for (int j = 0; j < Length; j++) words[j] = 14 + random.Next(Words - 14);
            for (int j = 0; j < 4; j++)
            {
                int at = 5 * j + 1 + (int)random.Next(4), says = random.NextDouble() < 0.9 ? liking : -liking;
                bool denied = random.NextDouble() < 0.25;
                if (denied) words[at - 1] = 12 + random.Next(2);
                words[at] = random.Next(6) + ((says > 0) == denied ? 6 : 0);
            }

            t[i] = random.NextDouble() < 0.05 ? random.Next(2) : liking > 0 ? 1 : 0;
        }

        return new(x, [Length], GeneratedData.Mixed(t, 1, shuffled), []);
    }
}
