using Gradwright.Data;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Small data sets, made on the spot from fixed seeds; shuffled ones give each sample the target of another.</summary>
internal static class GeneratedData
{
    /// <summary>Of texts and sequences.</summary>
    public const int Length = 12;

    /// <summary>Letters of the texts, at most.</summary>
    public const int Vocabulary = 18;

    private const int Samples = 360, Side = 12;

    private static readonly string[] _words = ["tensor ", "tape ", "gradient ", "loss ", "layer ", "step ", "rate "];

    // Small pictures of digits, 14 × 14, mean 0 and variance 1.
    public static ArrayDataset<float, long> Digits(int shrink, bool shuffled)
    {
        LabeledImages images = SyntheticDigits.Generate(Samples, seed: 11);
        int side = SyntheticDigits.Side / shrink;
        float[] x = new float[Samples * side * side];
        long[] t = new long[Samples];
        byte[] pixels = [.. images.Pixels.Span];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = images.Labels.Span[i];
            for (int r = 0; r < side; r++)
                for (int c = 0; c < side; c++)
                {
                    int sum = 0;
                    for (int a = 0; a < shrink * shrink; a++) sum += pixels[(i * SyntheticDigits.Side + r * shrink + a / shrink) * SyntheticDigits.Side + c * shrink + a % shrink];
                    x[(i * side + r) * side + c] = (sum / (255f * shrink * shrink) - 0.15f) / 0.25f;
                }
        }

        return new(x, [1, side, side], Mixed(t, 1, shuffled), []);
    }

    // Clouds around random centres, one per class, as far apart as they are wide.
    public static ArrayDataset<float, long> Blobs(int features, int classes, bool shuffled)
    {
        Generator random = new(17);
        float[][] centres = [.. Enumerable.Range(0, classes).Select(_ => Normal(random, features))];
        float[] x = new float[Samples * features];
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            float[] noise = Normal(random, features);
            t[i] = i % classes;
            for (int j = 0; j < features; j++) x[i * features + j] = 0.7f * (centres[t[i]][j] + noise[j]);
        }

        return new(x, [features], Mixed(t, 1, shuffled), []);
    }

    // Noisy stripes in one of four directions, in three colours.
    public static ArrayDataset<float, long> Stripes(bool shuffled)
    {
        Generator random = new(19);
        float[] x = new float[Samples * 3 * Side * Side];
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 4;
            double phase = 6.28 * random.NextDouble(), angle = t[i] * Math.PI / 4;
            for (int j = 0; j < 3 * Side * Side; j++)
            {
                (int row, int column) = (j / Side % Side, j % Side);
                x[i * 3 * Side * Side + j] = (float)(Math.Sin(phase + 1.6 * (row * Math.Sin(angle) + column * Math.Cos(angle)) + j / (Side * Side)) + 2 * (random.NextDouble() - 0.5));
            }
        }

        return new(x, [3, Side, Side], Mixed(t, 1, shuffled), []);
    }

    // Words in random order; the next character has to be told. Windows do not overlap.
    public static ArrayDataset<long, long> Text(bool shuffled)
    {
        Generator random = new(23);
        string text = "";
        while (text.Length <= Samples * Length) text += _words[random.Next(_words.Length)];
        string letters = string.Concat(string.Concat(_words).Distinct().Order());
        long[] tokens = [.. text.Select(c => (long)letters.IndexOf(c))];
        return new(tokens.AsMemory(0, Samples * Length), [Length], Mixed(tokens[1..(Samples * Length + 1)], Length, shuffled), [Length]);
    }

    // Friedman's first function, scaled to mean 0 and variance 1 or so.
    public static ArrayDataset<float, float> Friedman(bool shuffled)
    {
        Generator random = new(29);
        float[] x = [.. Enumerable.Range(0, Samples * 5).Select(_ => (float)(3.4 * (random.NextDouble() - 0.5)))];
        float[] t = new float[Samples];
        for (int i = 0; i < Samples; i++)
        {
            double[] u = [.. x[(5 * i)..(5 * i + 5)].Select(value => value / 3.4 + 0.5)];
            t[i] = (float)((10 * Math.Sin(Math.PI * u[0] * u[1]) + 20 * (u[2] - 0.5) * (u[2] - 0.5) + 10 * u[3] + 5 * u[4] - 14.4) / 4.9);
        }

        return new(x, [5], Mixed(t, 1, shuffled), [1]);
    }

    // Three yes-or-no questions about a point.
    public static ArrayDataset<float, float> Attributes(bool shuffled)
    {
        Generator random = new(31);
        float[] x = Normal(random, Samples * 8), t = new float[Samples * 3];
        for (int i = 0; i < Samples; i++)
            for (int k = 0; k < 3; k++) t[3 * i + k] = x[8 * i + k] + x[8 * i + k + 1] - x[8 * i + k + 3] > 0 ? 1 : 0;
        return new(x, [8], Mixed(t, 3, shuffled), [3]);
    }

    // A ring, a disc or a cross, somewhere, with noise.
    public static ArrayDataset<float, long> Figures(bool shuffled)
    {
        Generator random = new(41);
        float[] x = new float[Samples * Side * Side];
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 3;
            (double centreX, double centreY, double radius) = (4 + 4 * random.NextDouble(), 4 + 4 * random.NextDouble(), 2 + 1.5 * random.NextDouble());
            for (int j = 0; j < Side * Side; j++)
            {
                double dx = j % Side - centreX, dy = j / Side - centreY, distance = Math.Sqrt(dx * dx + dy * dy);
                bool ink = t[i] switch { 0 => Math.Abs(distance - radius) < 0.7, 1 => distance < radius, _ => Math.Min(Math.Abs(dx), Math.Abs(dy)) < 0.7 && distance < radius + 1 };
                x[i * Side * Side + j] = (float)((ink ? 2 : -0.4) + 0.8 * (random.NextDouble() - 0.5));
            }
        }

        return new(x, [1, Side, Side], Mixed(t, 1, shuffled), []);
    }

    // Noisy waves of three frequencies.
    public static ArrayDataset<float, long> Waves(bool shuffled)
    {
        const int Points = 32;
        Generator random = new(43);
        float[] x = Normal(random, Samples * Points);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 3;
            double phase = 6.28 * random.NextDouble();
            for (int j = 0; j < Points; j++) x[i * Points + j] = (float)(0.5 * x[i * Points + j] + 1.2 * Math.Sin(phase + (0.3 + 0.35 * t[i]) * j));
        }

        return new(x, [1, Points], Mixed(t, 1, shuffled), []);
    }

    // Three random walks; which one ends highest?
    public static ArrayDataset<float, long> Walks(bool shuffled)
    {
        float[] x = Normal(new(47), Samples * Length * 3);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            double[] ends = new double[3];
            for (int j = 0; j < 3 * Length; j++) ends[j % 3] += x[i * 3 * Length + j];
            t[i] = Array.IndexOf(ends, ends.Max());
        }

        return new(x, [Length, 3], Mixed(t, 1, shuffled), []);
    }

    // Grey stripes, to be reproduced.
    public static ArrayDataset<float, float> Copies(bool shuffled)
    {
        Generator random = new(53);
        float[] x = new float[Samples * Side * Side];
        for (int i = 0; i < Samples; i++)
        {
            double phase = 6.28 * random.NextDouble(), angle = 3.14 * random.NextDouble();
            for (int j = 0; j < Side * Side; j++) x[i * Side * Side + j] = (float)(1.4 * Math.Sin(phase + 0.8 * (j / Side * Math.Sin(angle) + j % Side * Math.Cos(angle))));
        }

        return new(x, [1, Side, Side], Mixed(x, Side * Side, shuffled), [1, Side, Side]);
    }

    // Which of seven words is hidden between random letters?
    public static ArrayDataset<long, long> Words(bool shuffled)
    {
        Generator random = new(59);
        string letters = string.Concat(string.Concat(_words).Distinct().Order());
        long[] x = new long[Samples * Length], t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % _words.Length;
            string word = _words[t[i]];
            int start = (int)random.Next(Length - word.Length + 1);
            for (int j = 0; j < Length; j++) x[i * Length + j] = j >= start && j < start + word.Length ? letters.IndexOf(word[j - start]) : random.Next(Vocabulary);
        }

        return new(x, [Length], Mixed(t, 1, shuffled), []);
    }

    /// <summary>Other samples' targets, if asked for.</summary>
    public static T[] Mixed<T>(T[] targets, int size, bool shuffled)
    {
        if (!shuffled) return targets;
        int[] order = [.. Enumerable.Range(0, targets.Length / size)];
        new Generator(37).Shuffle(order.AsSpan());
        return [.. order.SelectMany(i => targets[(i * size)..((i + 1) * size)])];
    }

    /// <summary>Numbers of mean 0 and variance 1.</summary>
    public static float[] Normal(Generator random, int count)
    {
        using Tensor numbers = Tensor.Normal([count], random);
        return numbers.ToArray<float>();
    }
}
