namespace Gradwright.Training;

/// <summary>Probabilities of a classifier's scores.</summary>
internal static class ClassProbabilities
{
    /// <summary>Scores that are probabilities already, or their softmax.</summary>
    public static double[] Of(ReadOnlySpan<double> scores)
    {
        double[] row = scores.ToArray();
        if (Array.TrueForAll(row, p => p is >= 0 and <= 1) && Math.Abs(row.Sum() - 1) < 1e-3) return row;
        double highest = row.Max();
        double[] powers = Array.ConvertAll(row, score => Math.Exp(score - highest));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, power => power / sum);
    }
}
