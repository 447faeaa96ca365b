using Gradwright.Data;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Data sets for the travellers, made on the spot from fixed seeds, with noise in what is given or asked.</summary>
internal static class TravellerData
{
    /// <summary>Of a picture of a face.</summary>
    public const int Side = 20;

    /// <summary>Of a picture of a clock.</summary>
    public const int Dial = 16;

    /// <summary>Hours before the one that is asked for.</summary>
    public const int Hours = 48;

    /// <summary>Words of a piece of text.</summary>
    public const int Length = 16;

    /// <summary>Different words: five for each part of speech, then four for each pair that shares words.</summary>
    public const int Words = 42;

    /// <summary>Parts of speech: article, adjective, noun, verb, adverb, preposition.</summary>
    public const int Parts = 6;

    /// <summary>Findings about a patient.</summary>
    public const int Findings = 16;

    /// <summary>Diagnoses, any of which may hold.</summary>
    public const int Diagnoses = 6;

    // How probable a part of speech is after another.
    private static readonly double[][] _grammar =
    [
        [0, 0.45, 0.55, 0, 0, 0], [0, 0.2, 0.8, 0, 0, 0], [0, 0, 0, 0.5, 0.2, 0.3], [0.4, 0.1, 0, 0, 0.3, 0.2], [0.15, 0.25, 0, 0.35, 0, 0.25], [0.6, 0.15, 0.25, 0, 0, 0],
    ];

    // Which parts of speech share words: noun and verb, adjective and noun, adverb and preposition.
    private static readonly (int First, int Second)[] _shared = [(2, 3), (1, 2), (4, 5)];

    // A face that smiles, is sad, keeps a straight face or is astonished; light comes from a side.
    public static ArrayDataset<float, long> Faces(bool shuffled)
    {
        const int Samples = 1000, Pixels = Side * Side;
        Generator random = new(307);
        float[] x = GeneratedData.Normal(random, Samples * 3 * Pixels);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 4;
            (double row, double column, double radius) = (9.5 + 3 * (random.NextDouble() - 0.5), 9.5 + 3 * (random.NextDouble() - 0.5), 6.5 + 2 * random.NextDouble());
            (double bend, double light, double tan) = (0.2 + 0.12 * random.NextDouble(), 1.2 * (random.NextDouble() - 0.5), 0.8 * random.NextDouble());
            double[] wall = [2 * random.NextDouble() - 1.2, 2 * random.NextDouble() - 1.2, 2 * random.NextDouble() - 1.2], skin = [1.3 - 0.5 * tan, 0.9 - tan, 0.6 - tan];
            for (int j = 0; j < Pixels; j++)
            {
                (double down, double right) = ((j / Side - row) / radius, (j % Side - column) / radius);
                bool head = down * down + right * right < 1, dark = head && (IsEye(down, right) || IsMouth(t[i], down, right, bend));
                for (int k = 0; k < 3; k++)
                {
                    int at = (3 * i + k) * Pixels + j;
                    x[at] = (float)(0.45 * x[at] + 1.25 * (dark ? -1.2 : head ? skin[k] + light * right : wall[k]));
                }
            }
        }

        return new(x, [3, Side, Side], GeneratedData.Mixed(t, 1, shuffled), []);

        static bool IsEye(double down, double right) => Math.Abs(down + 0.3) < 0.15 && Math.Abs(Math.Abs(right) - 0.38) < 0.14;
        static bool IsMouth(long mood, double down, double right, double bend)
        {
            double curve = bend * (1 - 2 * right * right / 0.25);
            return mood switch
            {
                0 => Math.Abs(right) < 0.52 && Math.Abs(down - 0.42 - curve) < 0.12,
                1 => Math.Abs(right) < 0.52 && Math.Abs(down - 0.48 + curve) < 0.12,
                2 => Math.Abs(right) < 0.52 && Math.Abs(down - 0.45) < 0.12,
                _ => right * right + (down - 0.45) * (down - 0.45) < 0.06,
            };
        }
    }

    // Which of eight directions does the long hand of a clock point in? A short hand points anywhere.
    public static ArrayDataset<float, long> Clocks(bool shuffled)
    {
        const int Samples = 1200;
        Generator random = new(311);
        float[] x = GeneratedData.Normal(random, Samples * Dial * Dial), turn = GeneratedData.Normal(random, Samples);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 8;
            (double row, double column, double ink) = (7.5 + 2 * (random.NextDouble() - 0.5), 7.5 + 2 * (random.NextDouble() - 0.5), 1.6 + 0.8 * random.NextDouble());
            (double minute, double hour, double length) = (t[i] * Math.PI / 4 + 0.1 * turn[i], 6.28 * random.NextDouble(), 5.5 + 1.5 * random.NextDouble());
            for (int j = 0; j < Dial * Dial; j++)
            {
                (double down, double right) = (j / Dial - row, j % Dial - column);
                bool rim = Math.Abs(Math.Sqrt(down * down + right * right) - 7.5) < 0.4, drawn = IsOn(down, right, minute, length);
                x[i * Dial * Dial + j] = (float)(0.5 * x[i * Dial * Dial + j] + (drawn ? 1.6 * ink : rim || IsOn(down, right, hour, 3) ? 0.8 * ink : 0) - 0.4);
            }
        }

        return new(x, [1, Dial, Dial], GeneratedData.Mixed(t, 1, shuffled), []);

        static bool IsOn(double down, double right, double angle, double length)
        {
            double along = right * Math.Cos(angle) + down * Math.Sin(angle), across = down * Math.Cos(angle) - right * Math.Sin(angle);
            return along > -0.5 && along < length && Math.Abs(across) < 0.8;
        }
    }

    // How much power a town will need in the next hour, by what it needed and how warm it was; mean 0 and variance 1.
    public static ArrayDataset<float, float> Loads(bool shuffled)
    {
        const int Samples = 1000;
        Generator random = new(313);
        float[] shocks = GeneratedData.Normal(random, Samples * (Hours + 1)), weather = GeneratedData.Normal(random, Samples * (Hours + 1));
        float[] x = new float[Samples * 2 * Hours], t = new float[Samples];
        for (int i = 0; i < Samples; i++)
        {
            (double start, double size, double climate) = (24 * random.NextDouble(), 0.7 + 0.6 * random.NextDouble(), random.NextDouble() - 0.5);
            (double rest, double front, double before) = (0, 0, 0);
            for (int j = 0; j <= Hours; j++)
            {
                double day = (start + j) * Math.PI / 12;
                rest = 0.7 * rest + 0.25 * shocks[i * (Hours + 1) + j];
                front = 0.9 * front + 0.35 * weather[i * (Hours + 1) + j];
                double load = size * (Math.Sin(day) + 0.5 * Math.Sin(2 * day + 0.8)) + 0.5 * Math.Abs(before) + rest - 0.4;
                before = climate + front - 0.6 * Math.Cos(day);
                if (j == Hours) t[i] = (float)load;
                else (x[2 * i * Hours + j], x[(2 * i + 1) * Hours + j]) = ((float)load, (float)before);
            }
        }

        return new(x, [2, Hours], GeneratedData.Mixed(t, 1, shuffled), [1]);
    }

    // Which part of speech each word in a piece of text is; some words can be two of them, and those before tell which. One label of thirty is random.
    public static ArrayDataset<long, long> Tags(bool shuffled)
    {
        const int Samples = 800;
        Generator random = new(317);
        long[] x = new long[Samples * Length], t = new long[Samples * Length];
        for (int i = 0; i < Samples; i++)
        {
            int part = (int)random.Next(Parts);
            for (int j = -Length; j < Length; j++)
            {
                double chance = random.NextDouble();
                double[] row = _grammar[part];
                part = 0;
                while (part < Parts - 1 && chance >= row[part]) chance -= row[part++];
                if (j < 0) continue;       // before the piece
                int[] pairs = [.. Enumerable.Range(0, _shared.Length).Where(k => _shared[k].First == part || _shared[k].Second == part)];
                bool shares = pairs.Length > 0 && random.NextDouble() < 0.5;
                x[i * Length + j] = shares ? 5 * Parts + 4 * pairs[random.Next(pairs.Length)] + random.Next(4) : 5 * part + random.Next(5);
                t[i * Length + j] = random.NextDouble() < 1 / 30.0 ? random.Next(Parts) : part;
            }
        }

        return new(x, [Length], GeneratedData.Mixed(t, Length, shuffled), [Length]);
    }

    // What a patient has, by ten measurements and six answers of yes or no, all of mean 0 and variance 1; several may hold, or none.
    public static ArrayDataset<float, float> Symptoms(bool shuffled)
    {
        const int Samples = 1400, Measured = 10;
        Generator random = new(331);
        float[] x = GeneratedData.Normal(random, Samples * Findings), noise = GeneratedData.Normal(random, Samples * Diagnoses), t = new float[Samples * Diagnoses];
        for (int i = 0; i < Samples; i++)
        {
            Span<float> s = x.AsSpan(i * Findings, Findings);
            for (int j = Measured; j < Findings; j++) s[j] = s[j] > 0 ? 1 : -1;
            for (int k = 0; k < Diagnoses; k++)
            {
                double score = 1.2 * s[k] + 0.8 * s[k + 2] * s[Measured + k] - 0.7 * Math.Abs(s[k + 4]) + 0.6 * s[Measured + (k + 3) % 6] + 0.4 * noise[i * Diagnoses + k];
                t[i * Diagnoses + k] = score > -0.5 ? 1 : 0;
            }
        }

        return new(x, [Findings], GeneratedData.Mixed(t, Diagnoses, shuffled), [Diagnoses]);
    }
}
