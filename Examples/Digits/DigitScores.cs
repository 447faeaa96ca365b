using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Examples.Digits;

/// <summary>A network's scores for labelled images, [count, classes] row-major.</summary>
internal sealed class DigitScores(LabeledImages images, float[] scores)
{
    private readonly int _classes = images.Classes;

    public ReadOnlySpan<float> Values => scores;

    public int Count => images.Count;

    /// <summary>Share of images whose highest score is that of their label.</summary>
    public double Accuracy => Enumerable.Range(0, Count).Count(IsRight) / (double)Count;

    /// <summary>Runs the network over all images, in evaluation mode.</summary>
    public static DigitScores Compute(Sequential network, LabeledImages images, DataLoader data)
    {
        List<float> scores = new(images.Count * images.Classes);
        network.Eval();
        foreach ((Tensor x, _) in data)
        {
            using TensorScope scope = new();
            scores.AddRange(network.Forward(x).ToArray<float>());
        }

        return new(images, [.. scores]);
    }

    public int Label(int image) => images.Labels.Span[image];

    public int Prediction(int image)
    {
        ReadOnlySpan<float> row = Row(image);
        int best = 0;
        for (int i = 1; i < row.Length; i++)
            if (row[i] > row[best]) best = i;
        return best;
    }

    public bool IsRight(int image) => Prediction(image) == Label(image);

    /// <summary>The prediction's probability: softmax of the scores.</summary>
    public double Confidence(int image)
    {
        ReadOnlySpan<float> row = Row(image);
        double highest = row[Prediction(image)], sum = 0;
        foreach (float score in row) sum += Math.Exp(score - highest);
        return 1 / sum;
    }

    private ReadOnlySpan<float> Row(int image) => scores.AsSpan(image * _classes, _classes);
}
