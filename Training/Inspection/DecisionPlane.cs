using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>A plane in the space of a model's inputs, on which a <see cref="DecisionMap"/> is drawn.</summary>
public sealed class DecisionPlane
{
    private readonly double[] _origin, _across, _up;        // [values]; the directions have length 1 and a right angle between them

    private DecisionPlane(double[] origin, double[] across, double[] up, string xName, string yName)
        => (_origin, _across, _up, XName, YName) = (origin, across, up, xName, yName);

    /// <summary>What x is.</summary>
    public string XName { get; }

    /// <summary>What y is.</summary>
    public string YName { get; }

    /// <summary>Values of an input.</summary>
    public int Values => _origin.Length;

    /// <summary>The plane of two values, with all others at their means.</summary>
    /// <param name="samples">[n, …]; inputs that are no rows count as flattened.</param>
    /// <param name="first">The value along x, counted from 0.</param>
    /// <param name="second">The value along y.</param>
    /// <param name="xName">What x is called; by default <c>value 0</c>.</param>
    /// <param name="yName">What y is called.</param>
    /// <exception cref="ArgumentException">There are no such two values, or no samples.</exception>
    public static DecisionPlane OfFeatures(Tensor samples, int first = 0, int second = 1, string? xName = null, string? yName = null)
    {
        double[] origin = Mean(Rows(samples), samples.Shape[0]);
        if (first == second || first < 0 || second < 0 || Math.Max(first, second) >= origin.Length)
            throw new ArgumentException($"DecisionPlane: samples {samples.Shape} have values 0 to {origin.Length - 1}, and a plane needs two of them, but {first} and {second} were given.");
        double[] across = new double[origin.Length], up = new double[origin.Length];
        (across[first], up[second], origin[first], origin[second]) = (1, 1, 0, 0);
        return new(origin, across, up, xName ?? $"value {first}", yName ?? $"value {second}");
    }

    /// <summary>The plane through the mean in which the samples vary most (<see cref="PrincipalComponents"/>).</summary>
    /// <param name="samples">[n, …], at least three.</param>
    /// <exception cref="ArgumentException">There are too few samples or values, or all are equal.</exception>
    public static DecisionPlane OfPrincipalComponents(Tensor samples)
    {
        float[] rows = Array.ConvertAll(Rows(samples), value => (float)value);
        int count = (int)samples.Shape[0];
        PrincipalComponents found = PrincipalComponents.Fit(new ArrayDataset<float, long>(rows, [rows.Length / count], new long[count], []), 2);
        IReadOnlyList<double> shares = found.ExplainedRatios;
        return new(Doubles(found.Mean), Doubles(found.Direction(0)), Doubles(found.Direction(1)), Name(0), Name(1));

        string Name(int i) => $"principal component {i + 1} ({100 * shares[i]:0.#} % of the variance)";
    }

    /// <summary>Where samples are on the plane, or which of its points they are nearest to.</summary>
    /// <param name="samples">[n, …].</param>
    /// <exception cref="ShapeException">They have another number of values.</exception>
    public (double X, double Y)[] Project(Tensor samples)
    {
        double[] rows = Rows(samples);
        if (rows.Length != samples.Shape[0] * Values) throw new ShapeException($"DecisionPlane: it was made for inputs of {Values} values, but {samples.Shape} was given.");
        (double, double)[] points = new (double, double)[samples.Shape[0]];
        for (int i = 0; i < points.Length; i++)
        {
            (double x, double y) = (0, 0);
            for (int j = 0; j < Values; j++)
            {
                double value = rows[i * Values + j] - _origin[j];
                (x, y) = (x + value * _across[j], y + value * _up[j]);
            }

            points[i] = (x, y);
        }

        return points;
    }

    /// <summary>The input [values] at a point of the plane.</summary>
    internal void At(double x, double y, Span<float> input)
    {
        for (int j = 0; j < input.Length; j++) input[j] = (float)(_origin[j] + x * _across[j] + y * _up[j]);
    }

    private static double[] Rows(Tensor samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Rank < 2 || samples.Count == 0) throw new ShapeException($"DecisionPlane: samples {samples.Shape} must be a batch [n, …] with at least one sample.");
        using TensorScope scope = new();
        return HostValues.Numbers(samples.Detach());
    }

    private static double[] Mean(double[] rows, long count)
    {
        double[] mean = new double[rows.Length / count];
        for (int i = 0; i < rows.Length; i++) mean[i % mean.Length] += rows[i] / count;
        return mean;
    }

    private static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), value => (double)value);
}
