using System.Buffers;
using System.Text.Json;
using Gradwright.Kernels;

namespace Gradwright.Data;

/// <summary>
/// Principal component analysis: the orthogonal directions in which the training part varies most, from the eigenvectors of its covariance (Pearson 1901). A sample x has the
/// scores s = Uᵀ(x − mean), and mean + U·s is x again, up to what the directions left out vary. Pictures count as rows of their values.
/// </summary>
/// <remarks>
/// The covariance of n values and its eigenvectors take some 16·n² bytes and 8·n³ operations in double precision, most of them matrix products on all cores.
/// A direction's sign is chosen so that its largest entry is positive.
/// </remarks>
/// <example><code>
/// PrincipalComponents pca = PrincipalComponents.Fit(pictures, parts[0], components: 50);      // the training part only
/// using var loader = new DataLoader(pca.Encode(training), batchSize: 64, shuffleSeed: 1);     // [64, 50]
/// </code></example>
public sealed class PrincipalComponents
{
    private const string Format = "gradwright principal components";

    private readonly float[] _mean, _directions, _variances;    // [features], [components, features], [components]
    private readonly float _total;                              // variance of all features together

    private PrincipalComponents(float[] mean, float[] directions, float[] variances, float total)
    {
        if (mean.Length == 0 || variances.Length == 0 || directions.Length != (long)mean.Length * variances.Length || !(total > 0 && float.IsFinite(total))
            || mean.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue) || directions.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
            || variances.AsSpan().ContainsAnyExceptInRange(0, float.MaxValue))
            throw new ArgumentException($"{directions.Length} numbers are no {variances.Length} directions of {mean.Length} values with a total variance of {total}, all of them finite");
        (_mean, _directions, _variances, _total) = (mean, directions, variances, total);
    }

    /// <summary>Values of a sample.</summary>
    public int Features => _mean.Length;

    /// <summary>How many directions are kept.</summary>
    public int Components => _variances.Length;

    /// <summary>The training part's mean [features].</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>The training part's variance along each direction (with n − 1), largest first [components].</summary>
    public ReadOnlySpan<float> Variances => _variances;

    /// <summary>The share of the training part's variance that each direction explains, 0 … 1, largest first.</summary>
    public IReadOnlyList<double> ExplainedRatios => [.. _variances.Select(v => (double)v / _total)];

    /// <summary>A direction of length 1 [features]; 0 is that of the largest variance.</summary>
    public ReadOnlySpan<float> Direction(int component) => _directions.AsSpan(component * Features, Features);

    /// <summary>Learns from a data set, which is the training part only.</summary>
    /// <param name="training">Samples of any shape, Float32, or UInt8, which counts as 0 … 1.</param>
    /// <param name="components">How many directions to keep; at most the samples' values and one less than there are samples.</param>
    /// <exception cref="ArgumentException">There are too few samples for so many directions, or all are equal.</exception>
    /// <exception cref="DTypeException">The samples are neither Float32 nor UInt8.</exception>
    public static PrincipalComponents Fit(IDataset training, int components)
    {
        ArgumentNullException.ThrowIfNull(training);
        int features = checked((int)training.Input.Shape.Count);
        if (components < 1 || components > features || components >= training.Count)
            throw new ArgumentException($"PrincipalComponents: {training.Count} samples of {training.Input.Shape} have at most {Math.Max(0, Math.Min(features, training.Count - 1))} " +
                $"directions to learn (values of a sample, and one less than there are samples), but {components} were asked for. Ask for fewer, or give more samples.", nameof(components));
        if ((long)features * features > Array.MaxLength)
            throw new ArgumentException($"PrincipalComponents: samples of {training.Input.Shape} have {features} values, and the square of that is more than an array holds. " +
                "Make the pictures smaller, or cut them into patches.", nameof(training));
        double[] mean = MeanOf(training, features);
        (double[] variances, double[] directions, double total) = (2 * training.Count <= features ? OfProducts(training, mean, components) : null) ?? OfCovariance(training, mean, components);
        return new([.. mean.Select(m => (float)m)], [.. directions.Chunk(features).SelectMany(Signed)], [.. variances.Select(v => (float)Math.Max(0, v))], (float)total);
    }

    /// <summary>Learns from some samples of a data set.</summary>
    /// <param name="data">Samples of any shape, Float32, or UInt8, which counts as 0 … 1.</param>
    /// <param name="training">The numbers of those to learn from: the training part only.</param>
    /// <param name="components">How many directions to keep.</param>
    /// <inheritdoc cref="Fit(IDataset, int)"/>
    public static PrincipalComponents Fit(IDataset data, ReadOnlySpan<long> training, int components) => Fit(new SubsetDataset(data, training), components);

    /// <summary>The scores [components] of a sample.</summary>
    /// <exception cref="ShapeException">It has another number of values.</exception>
    public float[] Transform(ReadOnlySpan<float> sample)
    {
        float[] scores = new float[Components];
        Project(sample, scores);
        return scores;
    }

    /// <summary>The sample [features] that has these scores.</summary>
    /// <exception cref="ShapeException">There is not one score for each direction.</exception>
    public float[] Restore(ReadOnlySpan<float> scores)
    {
        float[] sample = new float[Features];
        Restore(scores, sample);
        return sample;
    }

    /// <summary>The scores of all samples, computed once and held in memory: Float32 [components], with the targets as they were.</summary>
    /// <exception cref="ShapeException">The samples have another number of values.</exception>
    public IDataset Encode(IDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        RequireValues(data.Input.Shape.Count);
        return SampleRows.Map(data, Components, nameof(PrincipalComponents), Project);
    }

    /// <summary>Writes a JSON file.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, Write);

    /// <summary>Reads what <see cref="Save"/> wrote, to the same bits.</summary>
    /// <exception cref="FittedFileException">The file is damaged, or another one.</exception>
    public static PrincipalComponents Load(string path) => FittedFile.Read(path, Format, Restore);

    public override string ToString() => $"PrincipalComponents({Features} values, {Components} directions, {ExplainedRatios.Sum():P1} of the variance)";

    internal void Write(Utf8JsonWriter json)
    {
        FittedFile.Numbers(json, "total", _total);
        FittedFile.Numbers(json, "mean", _mean);
        FittedFile.Numbers(json, "variances", _variances);
        FittedFile.Numbers(json, "directions", _directions);
    }

    internal static PrincipalComponents Restore(JsonElement json) => FittedFile.Floats(json, "total") is [float total]
        ? new(FittedFile.Floats(json, "mean"), FittedFile.Floats(json, "directions"), FittedFile.Floats(json, "variances"), total)
        : throw new FormatException("it has not one total variance");

    internal void Project(ReadOnlySpan<float> sample, Span<float> scores)
    {
        RequireValues(sample.Length);
        float[] rented = ArrayPool<float>.Shared.Rent(Features);
        Span<float> centred = rented.AsSpan(0, Features);
        for (int i = 0; i < centred.Length; i++) centred[i] = sample[i] - _mean[i];
        for (int c = 0; c < Components; c++) scores[c] = VectorMath.Dot(Direction(c), centred);
        ArrayPool<float>.Shared.Return(rented);
    }

    internal void Restore(ReadOnlySpan<float> scores, Span<float> sample)
    {
        if (scores.Length != Components) throw new ShapeException($"{this}: expected {Components} scores, one for each direction, but {scores.Length} were given.");
        _mean.CopyTo(sample);
        AddDirections(scores, sample);
    }

    /// <summary>sample [features] += U·scores.</summary>
    internal void AddDirections(ReadOnlySpan<float> scores, Span<float> sample)
    {
        for (int c = 0; c < Components; c++) VectorMath.AddScaled(sample, scores[c], Direction(c));
    }

    internal void RequireValues(long count)
    {
        if (count != Features) throw new ShapeException($"{this}: it was made for samples of {Features} values, but one of {count} was given. Fit it to samples like these.");
    }

    private static double[] MeanOf(IDataset data, int features)
    {
        double[] sums = new double[features];
        foreach (SampleRows rows in SampleRows.Of(data, nameof(PrincipalComponents)))
            for (int s = 0; s < rows.Count; s++)
            {
                ReadOnlySpan<float> x = rows[s];
                for (int i = 0; i < features; i++) sums[i] += x[i];
            }

        return [.. sums.Select(sum => sum / data.Count)];
    }

    // Eigenvectors of the covariance Σ (x − mean)(x − mean)ᵀ / (n − 1) over a second reading, because one of Σ x·xᵀ would lose small variances beside a large mean.
    private static unsafe (double[] Variances, double[] Directions, double Total) OfCovariance(IDataset data, double[] mean, int components)
    {
        int features = mean.Length;
        double[] covariance = new double[features * features];
        foreach ((double[] centred, _, int count) in Centred(data, mean))
            fixed (double* x = centred, c = covariance)
                AddProducts(x, 1, features, features, count, c);
        double total = Total(covariance, features, data.Count);
        (double[] variances, double[] directions) = SymmetricEigen.Largest(covariance, features, components);
        return (variances, directions, total);
    }

    // The same from eigenvectors u of the samples' products X·Xᵀ [n, n], whose Xᵀ·u are the directions. null where a variance is so small beside the largest that rounding would show in its
    // direction.
    private static unsafe (double[] Variances, double[] Directions, double Total)? OfProducts(IDataset data, double[] mean, int components)
    {
        const double Smallest = 1e-7;
        (int features, int samples) = (mean.Length, (int)data.Count);
        double[] all = new double[samples * features], products = new double[samples * samples], directions = new double[components * features];
        foreach ((double[] centred, int first, int count) in Centred(data, mean)) centred.AsSpan(0, count * features).CopyTo(all.AsSpan(first * features));
        fixed (double* x = all, p = products)
            AddProducts(x, features, 1, samples, features, p);
        double total = Total(products, samples, data.Count);
        (double[] variances, double[] vectors) = SymmetricEigen.Largest(products, samples, components);
        if (variances[^1] < Smallest * variances[0]) return null;
        fixed (double* x = all, u = vectors, d = directions)
            Gemm.Run(new GemmArguments<double> { M = components, N = features, K = samples, A = u, RowA = samples, ColA = 1, B = x, RowB = features, ColB = 1, C = d, RowC = features, ColC = 1 });
        for (int i = 0; i < directions.Length; i++) directions[i] /= Math.Sqrt(variances[i / features]);
        return (variances, directions, total);
    }

    // Some samples at a time as (x − mean) / √(n − 1), so that their products are those of a covariance; in memory that is used again.
    private static IEnumerable<(double[] Values, int First, int Count)> Centred(IDataset data, double[] mean)
    {
        double[] centred = [];
        double share = 1 / Math.Sqrt(data.Count - 1);
        foreach (SampleRows rows in SampleRows.Of(data, nameof(PrincipalComponents)))
        {
            if (centred.Length == 0) centred = new double[rows.Values.Length];
            for (int s = 0; s < rows.Count; s++)
                for (int i = 0, at = s * mean.Length; i < mean.Length; i++, at++) centred[at] = (rows.Values[at] - mean[i]) * share;
            yield return (centred, (int)rows.First, rows.Count);
        }
    }

    // The upper triangle of C [n, n] += A·Aᵀ, A [n, k], in blocks of rows.
    private static unsafe void AddProducts(double* a, nint row, nint column, int n, int k, double* c)
    {
        const int Rows = 256;
        for (int i = 0; i < n; i += Rows)
            Gemm.Run(new GemmArguments<double>
            {
                M = Math.Min(Rows, n - i), N = n - i, K = k, A = a + i * row, RowA = row, ColA = column, B = a + i * row, RowB = column, ColB = row, C = c + (nint)i * (n + 1), RowC = n, ColC = 1, Accumulate = true,
            });
    }

    private static double Total(double[] matrix, int n, long samples)
    {
        double total = 0;
        for (int i = 0; i < n; i++) total += matrix[i * (n + 1)];
        return total > 0 && double.IsFinite(total) ? total : throw new ArgumentException($"PrincipalComponents: the {samples} samples have a variance of {total}, so there is no direction to learn. " +
            "Check that they differ and hold no NaN.", nameof(samples));
    }

    private static IEnumerable<float> Signed(double[] direction)
    {
        double sign = Math.Sign(direction.MaxBy(Math.Abs));
        return direction.Select(d => (float)(sign * d));
    }
}
