using System.Buffers;

namespace Gradwright.Data;

/// <summary>
/// Makes values uncorrelated and of variance 1, as the training part has them: every score of a <see cref="PrincipalComponents"/> is divided by √(variance + ε). ε keeps directions
/// that hardly vary, and are mostly noise, from being blown up.
/// </summary>
/// <example><code>
/// var whitening = new Whitening(PrincipalComponents.Fit(training, components: 3 * 8 * 8), epsilon: 0.01);
/// using var flat = new DataLoader(whitening.Encode(training), 64);            // PCA whitening: [64, components]
/// using var pictures = new DataLoader(training, 64, whitening.ToZca());       // ZCA whitening: pictures that still look like themselves
/// </code></example>
public sealed class Whitening
{
    private const string Format = "gradwright whitening";

    private readonly float[] _factors;

    /// <param name="components">The directions, fitted to the training part.</param>
    /// <param name="epsilon">Added to every variance, in its unit; for pixels in 0 … 1, from 0.001 to 0.1 is usual.</param>
    /// <exception cref="ArgumentException">ε is negative, or 0 with a direction that does not vary at all.</exception>
    public Whitening(PrincipalComponents components, double epsilon = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(components);
        if (!(epsilon >= 0 && double.IsFinite(epsilon)) || components.Variances[^1] + epsilon <= 0)
            throw new ArgumentException($"Whitening: ε is added to variances and has to be positive, or 0 where all directions vary, but it is {epsilon} and the smallest variance " +
                $"{components.Variances[^1]}. Use an ε of 1E-5 or more, or fewer directions.", nameof(epsilon));
        (Components, Epsilon, _factors) = (components, epsilon, new float[components.Components]);
        for (int i = 0; i < _factors.Length; i++) _factors[i] = (float)(1 / Math.Sqrt(components.Variances[i] + epsilon));
    }

    /// <summary>The directions.</summary>
    public PrincipalComponents Components { get; }

    /// <summary>What is added to every variance.</summary>
    public double Epsilon { get; }

    /// <summary>PCA whitening: the sample's scores [components], each of variance 1 in the training part.</summary>
    /// <exception cref="ShapeException">The sample has another number of values.</exception>
    public float[] Pca(ReadOnlySpan<float> sample)
    {
        float[] scores = new float[_factors.Length];
        Scores(sample, scores);
        return scores;
    }

    /// <summary>ZCA whitening (Bell and Sejnowski 1997): the whitened scores turned back, so that the result [features] is the closest to the sample among all that are white.</summary>
    /// <exception cref="ShapeException">The sample has another number of values.</exception>
    public float[] Zca(ReadOnlySpan<float> sample)
    {
        float[] result = sample.ToArray();
        ZcaInPlace(result);
        return result;
    }

    /// <summary>PCA whitening of all samples, computed once and held in memory: Float32 [components], with the targets as they were.</summary>
    /// <exception cref="ShapeException">The samples have another number of values.</exception>
    public IDataset Encode(IDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Components.RequireValues(data.Input.Shape.Count);
        return SampleRows.Map(data, _factors.Length, nameof(Whitening), Scores);
    }

    /// <summary>ZCA whitening as a transform of a loader's pictures.</summary>
    public ZcaWhitening ToZca() => new(this);

    /// <summary>ZCA whitening of a loader's Float32 samples of any shape.</summary>
    public SampleTransform ToSampleTransform() => (sample, _, _) => ZcaInPlace(sample);

    /// <summary>Writes a JSON file with the directions and ε.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, json =>
    {
        json.WriteNumber("epsilon", Epsilon);
        json.WriteStartObject("components");
        Components.Write(json);
        json.WriteEndObject();
    });

    /// <summary>Reads what <see cref="Save"/> wrote, to the same bits.</summary>
    /// <exception cref="FittedFileException">The file is damaged, or another one.</exception>
    public static Whitening Load(string path) => FittedFile.Read(path, Format, json => new Whitening(PrincipalComponents.Restore(json.GetProperty("components")), FittedFile.Number(json, "epsilon")));

    public override string ToString() => $"Whitening({Components}, {Epsilon})";

    internal void ZcaInPlace(Span<float> sample)
    {
        float[] scores = ArrayPool<float>.Shared.Rent(_factors.Length);
        Scores(sample, scores.AsSpan(0, _factors.Length));
        sample.Clear();
        Components.AddDirections(scores, sample);
        ArrayPool<float>.Shared.Return(scores);
    }

    private void Scores(ReadOnlySpan<float> sample, Span<float> scores)
    {
        Components.Project(sample, scores);
        for (int i = 0; i < scores.Length; i++) scores[i] *= _factors[i];
    }
}
