using Gradwright.Data;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Data sets for the strangers, made on the spot from fixed seeds, with noise in what is given or asked.</summary>
internal static class StrangerData
{
    /// <summary>Of an image.</summary>
    public const int Side = 12;

    /// <summary>Tokens of a sentence, padding among them.</summary>
    public const int Length = 18;

    /// <summary>Different tokens; 0 pads, 1 opens and 2 closes.</summary>
    public const int Tokens = 12;

    /// <summary>What the loss of a tagger leaves out.</summary>
    public const long Ignored = -100;

    // A light and a dark spot in noise; does the dark one lie right of the light one, below, left or above?
    public static ArrayDataset<float, long> Pairs(bool shuffled)
    {
        const int Samples = 900;
        Generator random = new(101);
        float[] x = GeneratedData.Normal(random, Samples * Side * Side);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 4;
            double along = 4 + 2.5 * random.NextDouble(), across = 3 * (random.NextDouble() - 0.5), angle = t[i] * Math.PI / 2;
            (double right, double down) = (along * Math.Cos(angle) - across * Math.Sin(angle), along * Math.Sin(angle) + across * Math.Cos(angle));
            (double row, double column) = (Start(down), Start(right));
            for (int j = 0; j < Side * Side; j++)
                x[i * Side * Side + j] = (float)(0.5 * x[i * Side * Side + j] + Spot(j, row, column) - Spot(j, row + down, column + right));
        }

        return new(x, [1, Side, Side], GeneratedData.Mixed(t, 1, shuffled), []);

        double Start(double way) => 1 - Math.Min(way, 0) + (Side - 3 - Math.Abs(way)) * random.NextDouble();
        double Spot(int pixel, double row, double column) => 2.5 * Math.Exp(-(Math.Pow(pixel / Side - row, 2) + Math.Pow(pixel % Side - column, 2)) / 2);
    }

    // What stands between an opening and a closing token, if that follows soon, is inside (tag 2, its first token 1); high tokens outside are 3. One tag of thirty is wrong.
    public static ArrayDataset<long, long> Brackets(bool shuffled)
    {
        const int Samples = 500, Reach = 5;
        Generator random = new(103);
        long[] x = new long[Samples * Length], t = new long[Samples * Length];
        for (int i = 0; i < Samples; i++)
        {
            int length = 8 + (int)random.Next(Length - 7);
            Span<long> tokens = x.AsSpan(i * Length, Length), tags = t.AsSpan(i * Length, Length);
            for (int j = 0; j < length; j++) tokens[j] = random.NextDouble() switch { < 0.16 => 1, < 0.32 => 2, _ => 3 + random.Next(Tokens - 3) };
            for (int j = 0; j < length; j++) tags[j] = tokens[j] >= 9 ? 3 : 0;
            for (int j = 0; j < length; j++)
            {
                int end = tokens[(j + 1)..Math.Min(j + Reach, length)].IndexOfAny(1, 2);
                if (tokens[j] != 1 || end < 0 || tokens[j + 1 + end] != 2) continue;
                tags[j] = 1;
                tags.Slice(j + 1, end + 1).Fill(2);
            }

            for (int j = 0; j < length; j++) if (random.NextDouble() < 1 / 30.0) tags[j] = random.Next(4);
            tags[length..].Fill(Ignored);
        }

        return new(x, [Length], GeneratedData.Mixed(t, Length, shuffled), [Length]);
    }

    // Ten points of a normal distribution; its width in one direction and its slope are asked. A few answers are far off.
    public static ArrayDataset<float, float> Clouds(bool shuffled)
    {
        const int Samples = 600, Points = 10;
        Generator random = new(107);
        float[] x = GeneratedData.Normal(random, Samples * Points * 2), noise = GeneratedData.Normal(random, Samples * 3), t = new float[Samples];
        for (int i = 0; i < Samples; i++)
        {
            double width = 0.7 * noise[3 * i], slope = noise[3 * i + 1];
            for (int j = i * Points; j < (i + 1) * Points; j++)
            {
                x[2 * j] *= (float)Math.Exp(width);
                x[2 * j + 1] = (float)(0.5 * x[2 * j + 1] + slope * x[2 * j]);
            }

            t[i] = (float)(width - 0.7 * slope + 0.1 * noise[3 * i + 2] + (random.NextDouble() < 0.03 ? 5 : 0));
        }

        return new(x, [Points, 2], GeneratedData.Mixed(t, 1, shuffled), [1]);
    }

    // Two seasons, a trend and noise that lasts; what comes next?
    public static ArrayDataset<float, float> Seasons(bool shuffled)
    {
        const int Samples = 800, Points = 36;
        Generator random = new(109);
        float[] noise = GeneratedData.Normal(random, Samples * (Points + 1)), x = new float[Samples * Points], t = new float[Samples];
        for (int i = 0; i < Samples; i++)
        {
            (double phase, double second, double height, double trend) = (6.28 * random.NextDouble(), 6.28 * random.NextDouble(), 0.5 + random.NextDouble(), 0.04 * (random.NextDouble() - 0.5));
            double lasting = 0;
            for (int j = 0; j <= Points; j++)
            {
                lasting = 0.6 * lasting + 0.2 * noise[i * (Points + 1) + j];
                float value = (float)(height * Math.Sin(phase + 2 * Math.PI * j / 12) + 0.4 * Math.Sin(second + 2 * Math.PI * j / 4) + trend * (j - Points / 2) + lasting);
                if (j < Points) x[i * Points + j] = value;
                else t[i] = value;
            }
        }

        return new(x, [1, Points], GeneratedData.Mixed(t, 1, shuffled), [1]);
    }

    // Patches with fine stripes on a ground with coarse ones, equally bright; which pixels are patch?
    public static ArrayDataset<float, float> Lesions(bool shuffled)
    {
        const int Samples = 240, Width = 16, Pixels = Width * Width;
        Generator random = new(113);
        float[] x = GeneratedData.Normal(random, Samples * Pixels), t = new float[Samples * Pixels];
        for (int i = 0; i < Samples; i++)
        {
            (double row, double column, double height, double width) = (4 + 8 * random.NextDouble(), 4 + 8 * random.NextDouble(), 2.5 + 2.5 * random.NextDouble(), 2.5 + 2.5 * random.NextDouble());
            double phase = 6.28 * random.NextDouble();
            for (int j = 0; j < Pixels; j++)
            {
                (int r, int c) = (j / Width, j % Width);
                bool patch = Math.Pow((r - row) / height, 2) + Math.Pow((c - column) / width, 2) < 1;
                t[i * Pixels + j] = patch ? 1 : 0;
                x[i * Pixels + j] = (float)(0.4 * x[i * Pixels + j] + Math.Sin(phase + (patch ? 2.1 * (r + c) : 0.7 * (r - c))));
            }
        }

        return new(x, [1, Width, Width], GeneratedData.Mixed(t, Pixels, shuffled), [1, Width, Width]);
    }
}
