namespace Gradwright.Training;

/// <summary>
/// What to expect of a function at places where it was not measured: a Gaussian process with zero mean and a Matérn 5/2 kernel, a length scale per dimension and noise
/// (Rasmussen and Williams, "Gaussian processes for machine learning", 2006). Scales and noise are the most probable ones, given weak prior beliefs.
/// </summary>
internal sealed class GaussianProcess
{
    private const double UsualScale = 0.5, UsualNoise = 0.1, ScaleSpread = 1, NoiseSpread = 2;     // the prior beliefs: medians, and deviations of their logarithms
    private const double LeastNoise = 1e-6;
    private const int Guesses = 30, Refinements = 4;

    private readonly bool[] _ordered;
    private readonly IReadOnlyList<IReadOnlyList<double>> _x;
    private readonly double[] _y, _theta;       // θ: the logarithms of the length scales, then of the noise
    private readonly double[][] _l;             // R = L Lᵀ, the lower triangle
    private readonly double[] _weights;         // R⁻¹ y
    private readonly double _variance;          // of the process: yᵀ R⁻¹ y / n

    private GaussianProcess(bool[] ordered, IReadOnlyList<IReadOnlyList<double>> x, double[] y, double[] theta)
    {
        (_ordered, _x, _y, _theta) = (ordered, x, y, theta);
        _l = new double[y.Length][];
        for (int i = 0; i < y.Length; i++)
        {
            double[] row = _l[i] = new double[i + 1];
            for (int j = 0; j <= i; j++)
            {
                double sum = i == j ? 1 + Math.Exp(theta[^1]) : Kernel(x[i], x[j]);
                for (int k = 0; k < j; k++) sum -= row[k] * _l[j][k];
                row[j] = i == j ? Math.Sqrt(Math.Max(sum, LeastNoise)) : sum / _l[j][j];
            }
        }

        double[] half = Forward(y);
        _variance = Math.Max(half.Sum(h => h * h) / y.Length, 1e-12);
        _weights = Backward(half);
    }

    /// <summary>A process that explains the measurements.</summary>
    /// <param name="ordered">For each dimension whether its numbers lie on a line; others are equal or not.</param>
    /// <param name="x">Where was measured.</param>
    /// <param name="y">What: numbers around zero.</param>
    /// <param name="random">Makes the guesses to start from.</param>
    public static GaussianProcess Fit(bool[] ordered, IReadOnlyList<IReadOnlyList<double>> x, double[] y, Generator random)
    {
        double[] Usual() => [.. ordered.Select(_ => Math.Log(UsualScale)), Math.Log(UsualNoise)];
        GaussianProcess best = new(ordered, x, y, Usual());
        for (int guess = 0; guess < Guesses; guess++)
        {
            double[] theta = Usual();
            for (int i = 0; i < theta.Length; i++) theta[i] += random.NextNormal() * (i < ordered.Length ? ScaleSpread : NoiseSpread);
            Consider(theta);
        }

        // Then one number after the other, by ever smaller steps.
        for (double step = 0.8; step > 0.8 / (1 << Refinements); step /= 2)
            for (int i = 0; i <= ordered.Length; i++)
                foreach (double sign in (ReadOnlySpan<double>)[1, -1])
                {
                    double[] theta = [.. best._theta];
                    theta[i] += sign * step;
                    Consider(theta);
                }

        return best;

        void Consider(double[] theta)
        {
            theta[^1] = Math.Max(theta[^1], Math.Log(LeastNoise));
            GaussianProcess process = new(ordered, x, y, theta);
            if (process.Improbability() < best.Improbability()) best = process;
        }
    }

    /// <summary>Mean and deviation of the function at a place.</summary>
    public (double Mean, double Deviation) Predict(IReadOnlyList<double> at)
    {
        double[] k = [.. _x.Select(x => Kernel(x, at))];
        double mean = 0;
        for (int i = 0; i < k.Length; i++) mean += k[i] * _weights[i];
        return (mean, Math.Sqrt(_variance * Math.Max(1 - Forward(k).Sum(h => h * h), 1e-12)));
    }

    /// <summary>The same process, told at further places what it expects there: it becomes certain of it.</summary>
    public GaussianProcess Believing(IReadOnlyList<IReadOnlyList<double>> places)
        => places.Count == 0 ? this : new(_ordered, [.. _x, .. places], [.. _y, .. places.Select(place => Predict(place).Mean)], _theta);

    // −ln of the likelihood times the prior, but for a constant.
    private double Improbability()
    {
        double sum = _y.Length / 2.0 * Math.Log(_variance);
        for (int i = 0; i < _y.Length; i++) sum += Math.Log(_l[i][i]);
        for (int i = 0; i < _theta.Length; i++)
        {
            double z = i < _ordered.Length ? (_theta[i] - Math.Log(UsualScale)) / ScaleSpread : (_theta[i] - Math.Log(UsualNoise)) / NoiseSpread;
            sum += z * z / 2;
        }

        return sum;
    }

    private double Kernel(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double square = 0;
        for (int d = 0; d < _ordered.Length; d++)
        {
            double distance = (_ordered[d] ? a[d] - b[d] : a[d] == b[d] ? 0 : 1) * Math.Exp(-_theta[d]);
            square += distance * distance;
        }

        double r = Math.Sqrt(5 * square);
        return (1 + r + r * r / 3) * Math.Exp(-r);
    }

    // L⁻¹ b
    private double[] Forward(double[] b)
    {
        double[] h = new double[b.Length];
        for (int i = 0; i < h.Length; i++)
        {
            double sum = b[i];
            for (int j = 0; j < i; j++) sum -= _l[i][j] * h[j];
            h[i] = sum / _l[i][i];
        }

        return h;
    }

    // L⁻ᵀ b
    private double[] Backward(double[] b)
    {
        double[] h = [.. b];
        for (int i = h.Length - 1; i >= 0; i--)
        {
            h[i] /= _l[i][i];
            for (int j = 0; j < i; j++) h[j] -= _l[i][j] * h[i];
        }

        return h;
    }
}
