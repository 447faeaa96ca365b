namespace Gradwright;

public sealed partial class Generator
{
    /// <summary>A normal number with mean 0 and deviation 1 (Box and Muller, 1958).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));     // 1 − u is never 0
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>A number from the gamma distribution with density proportional to x^(shape − 1) e^(−x): mean and variance are <paramref name="shape"/>.</summary>
    /// <param name="shape">Positive. Far below 1, most numbers are too small for a double and come as 0.</param>
    public double NextGamma(double shape)
    {
        RequireShape(nameof(NextGamma), nameof(shape), shape);
        return Math.Exp(NextLogGamma(shape));
    }

    /// <summary>A number in 0 ... 1 from the beta distribution with density proportional to x^(a − 1) (1 − x)^(b − 1): the mean is a / (a + b).</summary>
    /// <param name="a">Positive.</param>
    /// <param name="b">Positive.</param>
    public double NextBeta(double a, double b)
    {
        RequireShape(nameof(NextBeta), nameof(a), a);
        RequireShape(nameof(NextBeta), nameof(b), b);
        double x = NextLogGamma(a), y = NextLogGamma(b);
        return 1 / (1 + Math.Exp(y - x));       // X / (X + Y), which would be 0 / 0 where both are tiny
    }

    // Marsaglia and Tsang (2000): the cube of a normal number around the mode, and a rejection now and then. Below 1, a gamma number of shape + 1 times u^(1/shape).
    private double NextLogGamma(double shape)
    {
        double boost = 0;
        if (shape < 1) (boost, shape) = (Math.Log(1 - NextDouble()) / shape, shape + 1);
        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextNormal(), root = 1 + c * x;
            if (root <= 0) continue;
            double logV = 3 * Math.Log(root);
            if (Math.Log(1 - NextDouble()) < x * x / 2 + d * (1 - root * root * root + logV)) return boost + Math.Log(d) + logV;
        }
    }

    private static void RequireShape(string method, string name, double value)
    {
        if (!(value > 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, value, $"Generator.{method}: {name} must be positive and finite, but is {value}.");
    }
}
