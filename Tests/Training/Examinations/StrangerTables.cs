using Gradwright.Data;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Tables and textures for the strangers, made on the spot from fixed seeds, with noise in what is given or asked.</summary>
internal static class StrangerTables
{
    /// <summary>Numbers of a borrower, which come before the categories.</summary>
    public const int Numbers = 4;

    /// <summary>Columns of a borrower: numbers and three categories, one-hot.</summary>
    public const int Borrower = Numbers + 6 + 4 + 10;

    /// <summary>Classes and numbers of each category.</summary>
    public static readonly int[] Categories = [6, 4, 10];

    // Points of four clouds; five questions about each, and in each cloud other numbers answer them.
    public static ArrayDataset<float, float> Regimes(bool shuffled)
    {
        const int Samples = 1000, Features = 10, Clouds = 4, Questions = 5;
        Generator random = new(127);
        float[] centres = GeneratedData.Normal(random, Clouds * Features), rules = GeneratedData.Normal(random, Clouds * Questions * Features);
        float[] x = GeneratedData.Normal(random, Samples * Features), noise = GeneratedData.Normal(random, Samples * Questions), t = new float[Samples * Questions];
        for (int i = 0; i < Samples; i++)
        {
            int cloud = i % Clouds;
            for (int k = 0; k < Questions; k++)
            {
                double sum = 0.5 * noise[i * Questions + k] + 0.5;
                for (int j = 0; j < Features; j++) sum += rules[(cloud * Questions + k) * Features + j] * x[i * Features + j] / 2;
                t[i * Questions + k] = sum > 0 ? 1 : 0;
            }

            for (int j = 0; j < Features; j++) x[i * Features + j] = 0.6f * (x[i * Features + j] + 1.5f * centres[cloud * Features + j]);
        }

        return new(x, [Features], GeneratedData.Mixed(t, Questions, shuffled), [Questions]);
    }

    // Numbers and categories of a borrower; one of eleven or so fails to pay.
    public static ArrayDataset<float, long> Credit(bool shuffled)
    {
        const int Samples = 2000;
        Generator random = new(131);
        float[] risks = GeneratedData.Normal(random, Borrower), numbers = GeneratedData.Normal(random, Samples * (Numbers + 1)), x = new float[Samples * Borrower];
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            double risk = -3.4 + 0.5 * numbers[i * (Numbers + 1) + Numbers];
            Span<float> row = x.AsSpan(i * Borrower, Borrower);
            for (int j = 0; j < Numbers; j++) row[j] = numbers[i * (Numbers + 1) + j];
            risk += row[0] - 0.8 * row[1] + 0.7 * row[2] * row[3];
            int column = Numbers;
            foreach (int count in Categories)
            {
                int category = column + (int)random.Next(count);
                row[category] = 1;
                risk += risks[category];
                column += count;
            }

            t[i] = random.NextDouble() < 1 / (1 + Math.Exp(-1.5 * risk)) ? 1 : 0;
        }

        return new(x, [Borrower], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // How many claims does somebody make in a year? Poisson-distributed numbers, about 1.5 on average.
    public static ArrayDataset<float, float> Claims(bool shuffled)
    {
        const int Samples = 700, Features = 6;
        Generator random = new(137);
        float[] x = GeneratedData.Normal(random, Samples * Features), t = new float[Samples];
        for (int i = 0; i < Samples; i++)
        {
            Span<float> row = x.AsSpan(i * Features, Features);
            double expected = Math.Exp(0.6 * row[0] - 0.5 * row[1] + 0.5 * Math.Sin(2 * row[2]) + 0.3 * row[3] * row[4]), left = 1;
            for (left *= random.NextDouble(); left > Math.Exp(-expected); left *= random.NextDouble()) t[i]++;
        }

        return new(x, [Features], GeneratedData.Mixed(t, 1, shuffled), [1]);
    }

    // Ninety patients, twelve readings and a grade from 0 to 3 that three of them tell a little about.
    public static ArrayDataset<float, long> Grades(bool shuffled)
    {
        const int Samples = 90, Features = 12;
        Generator random = new(139);
        float[] x = GeneratedData.Normal(random, Samples * Features), noise = GeneratedData.Normal(random, Samples);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            double severity = 0.8 * x[i * Features] - 0.6 * x[i * Features + 3] + 0.6 * x[i * Features + 7] + noise[i];
            t[i] = severity switch { < -0.9 => 0, < 0 => 1, < 0.9 => 2, _ => 3 };
        }

        return new(x, [Features], GeneratedData.Mixed(t, 1, shuffled), []);
    }

    // Checks, dots, waves, rings or rays in colours that tell nothing, with noise.
    public static ArrayDataset<float, long> Textures(bool shuffled)
    {
        const int Samples = 500, Side = 12, Pixels = Side * Side;
        Generator random = new(149);
        float[] x = GeneratedData.Normal(random, Samples * 3 * Pixels);
        long[] t = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            t[i] = i % 5;
            (double row, double column, double wave) = (2 + 8 * random.NextDouble(), 2 + 8 * random.NextDouble(), 1.1 + 0.5 * random.NextDouble());
            double[] colour = [0.4 + random.NextDouble(), 0.4 + random.NextDouble(), 0.4 + random.NextDouble()];
            for (int j = 0; j < 3 * Pixels; j++)
            {
                (double down, double right) = (j % Pixels / Side - row, j % Side - column);
                double light = t[i] switch
                {
                    0 => Math.Sign(Math.Sin(wave * down) * Math.Sin(wave * right)),
                    1 => 2 * Math.Cos(wave * down) * Math.Cos(wave * right) > 0.8 ? 1.5 : -0.5,
                    2 => Math.Sin(wave * down + Math.Sin(right)),
                    3 => Math.Sin(wave * Math.Sqrt(down * down + right * right)),
                    _ => Math.Sin(5 * Math.Atan2(down, right)),
                };
                x[i * 3 * Pixels + j] = (float)(0.6 * x[i * 3 * Pixels + j] + colour[j / Pixels] * light);
            }
        }

        return new(x, [3, Side, Side], GeneratedData.Mixed(t, 1, shuffled), []);
    }
}
