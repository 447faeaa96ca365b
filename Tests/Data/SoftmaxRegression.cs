using System.Runtime.CompilerServices;
using Gradwright.Data;

namespace Gradwright.Tests.Data;

/// <summary>
/// Multinomial logistic regression by plain stochastic gradient descent, one image a step: the yardstick for how hard a data set is.
/// </summary>
internal static class SoftmaxRegression
{
    public static double TrainAndTest(LabeledImages train, LabeledImages test, int epochs, float rate)
    {
        int size = train[0].Length;
        var w = new float[(size + 1) * train.Classes];   // [pixels + 1, classes], the last row is the bias
        var p = new float[train.Classes];
        for (int epoch = 0; epoch < epochs; epoch++)
            for (int i = 0; i < train.Count; i++)
            {
                Softmax(train[i], w, p);
                p[train.Labels.Span[i]] -= 1;   // ∂loss/∂logits = p − onehot
                Descend(train[i], w, p, rate * (1 - epoch / (float)epochs));
            }
        int right = 0;
        for (int i = 0; i < test.Count; i++)
        {
            Softmax(test[i], w, p);
            right += Array.IndexOf(p, p.Max()) == test.Labels.Span[i] ? 1 : 0;
        }
        return right / (double)test.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(ReadOnlySpan<byte> x, float[] w, float[] p)
    {
        w.AsSpan(x.Length * p.Length).CopyTo(p);
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] == 0) continue;
            ReadOnlySpan<float> row = w.AsSpan(i * p.Length, p.Length);
            for (int c = 0; c < row.Length; c++) p[c] += row[c] * (x[i] / 255f);
        }
        float max = p.Max();
        for (int c = 0; c < p.Length; c++) p[c] = MathF.Exp(p[c] - max);
        float sum = p.Sum();
        for (int c = 0; c < p.Length; c++) p[c] /= sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Descend(ReadOnlySpan<byte> x, float[] w, float[] g, float rate)
    {
        for (int i = 0; i <= x.Length; i++)
        {
            float step = rate * (i == x.Length ? 1 : x[i] / 255f);
            if (step == 0) continue;
            Span<float> row = w.AsSpan(i * g.Length, g.Length);
            for (int c = 0; c < row.Length; c++) row[c] -= step * g[c];
        }
    }
}
