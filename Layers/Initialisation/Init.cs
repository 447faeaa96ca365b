namespace Gradwright.Layers;

/// <summary>
/// Rules for initial values. A weight is [outputs, inputs, window…]: fan-in is inputs · window, fan-out outputs · window. For a transposed convolution write
/// <c>Init.KaimingNormal().Transposed()</c>.
/// </summary>
public static partial class Init
{
    /// <summary>Every element 0. Not for weights: all units of a layer would stay equal.</summary>
    public static Initializer Zeros { get; } = Constant(0);

    /// <summary>Every element 1.</summary>
    public static Initializer Ones { get; } = Constant(1);

    /// <summary>Every element <paramref name="value"/>.</summary>
    public static Initializer Constant(double value) => new($"Constant({value})", (shape, dtype, _) => Tensor.Full(shape, value, dtype));

    /// <summary>Uniform in ±limit.</summary>
    public static Initializer Uniform(double limit)
        => new($"Uniform(±{limit:G4})", (shape, dtype, generator) => Tensor.Uniform(shape, generator, -limit, limit, dtype));

    /// <summary>Uniform from low to high.</summary>
    public static Initializer Uniform(double low, double high)
        => new($"Uniform({low}, {high})", (shape, dtype, generator) => Tensor.Uniform(shape, generator, low, high, dtype));

    /// <summary>Normal with this standard deviation.</summary>
    public static Initializer Normal(double deviation = 0.01)
        => new($"Normal({deviation})", (shape, dtype, generator) => Tensor.Normal(shape, generator, 0, deviation, dtype));

    /// <summary>
    /// Normal, but what lies further than <paramref name="limit"/> deviations from 0 is drawn again. The deviation of what is left is smaller: 0.88 of the given one at
    /// a limit of 2.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is so small that hardly a draw would count.</exception>
    public static Initializer TruncatedNormal(double deviation = 0.02, double limit = 2)
    {
        if (!(limit >= 0.1)) throw new ArgumentOutOfRangeException(nameof(limit), limit, "TruncatedNormal: the limit is counted in deviations and must be at least 0.1.");
        return new($"TruncatedNormal({deviation}, {limit})", (shape, dtype, generator) =>
        {
            Tensor z = Tensor.Normal(shape, generator, dtype: dtype);
            for (Tensor outside = z.Abs() > limit; outside.Any().ToArray<bool>()[0]; outside = z.Abs() > limit)
                z = Tensor.Where(outside, Tensor.Normal(shape, generator, dtype: dtype), z);
            return z * deviation;
        });
    }

    /// <summary>Normal with variance 1/fan-in, "1/√n" (LeCun et al. 1998): the sum of n inputs of variance 1 has variance 1.</summary>
    public static Initializer LeCunNormal(double gain = 1) => Scaled($"LeCunNormal({gain:G4})", gain, 1, 1, Fan.In, isUniform: false);

    /// <summary>Uniform with variance 1/fan-in (LeCun et al. 1998).</summary>
    public static Initializer LeCunUniform(double gain = 1) => Scaled($"LeCunUniform({gain:G4})", gain, 1, 1, Fan.In, isUniform: true);

    /// <summary>Uniform with variance gain² · 2/(fan-in + fan-out) (Glorot and Bengio 2010).</summary>
    public static Initializer XavierUniform(double gain = 1) => Scaled($"XavierUniform({gain:G4})", gain, 1, 1, Fan.Average, isUniform: true);

    /// <summary>Normal with variance gain² · 2/(fan-in + fan-out) (Glorot and Bengio 2010).</summary>
    public static Initializer XavierNormal(double gain = 1) => Scaled($"XavierNormal({gain:G4})", gain, 1, 1, Fan.Average, isUniform: false);

    /// <summary>Uniform with variance 2/((1 + slope²) · fan) (He et al. 2015); slope is the rectifier's for negative inputs.</summary>
    public static Initializer KaimingUniform(double slope = 0, Fan fan = Fan.In)
        => Scaled($"KaimingUniform({slope:G4}{FanOption(fan)})", 1, 2, 1 + slope * slope, fan, isUniform: true);

    /// <summary>Normal with variance 2/((1 + slope²) · fan) (He et al. 2015).</summary>
    public static Initializer KaimingNormal(double slope = 0, Fan fan = Fan.In)
        => Scaled($"KaimingNormal({slope:G4}{FanOption(fan)})", 1, 2, 1 + slope * slope, fan, isUniform: false);

    /// <summary>By how much a nonlinearity shrinks the spread of what passes, undone: Xavier's gain for it.</summary>
    /// <param name="follows">What follows the layer.</param>
    /// <param name="slope">A leaky rectifier's slope.</param>
    /// <returns>1, tanh 5/3, ReLU √2, LeakyReLU √(2/(1 + slope²)), SELU 3/4: PyTorch's numbers.</returns>
    public static double Gain(Nonlinearity follows, double slope = 0.01) => follows switch
    {
        Nonlinearity.Tanh => 5.0 / 3,
        Nonlinearity.ReLU => Math.Sqrt(2),
        Nonlinearity.LeakyReLU => Math.Sqrt(2 / (1 + slope * slope)),
        Nonlinearity.SELU => 0.75,
        _ => 1,
    };

    /// <summary>How many inputs feed one output, and how many outputs one input feeds; the window counts in both.</summary>
    /// <param name="weight">The shape of a weight: [outputs, inputs], [outputs, inputs / groups, length], …, of 1, 2 or 3 spatial dimensions.</param>
    /// <param name="transposed">It is a transposed convolution's, [inputs, outputs / groups, window…].</param>
    /// <exception cref="ShapeException">A tensor with fewer than two dimensions has no fans.</exception>
    public static (double In, double Out) Fans(Shape weight, bool transposed = false)
    {
        if (weight.Rank < 2)
            throw new ShapeException($"Fans: {weight} is no weight [outputs, inputs, …]. Xavier and Kaiming initialisation are for weights; biases take Zeros, Constant or Uniform.");
        double window = 1;
        foreach (long length in weight.Span[2..]) window *= length;
        return transposed ? (weight[0] * window, weight[1] * window) : (weight[1] * window, weight[0] * window);
    }

    /// <summary>Variance gain² · numerator/(denominator · fan).</summary>
    private static Initializer Scaled(string name, double gain, double numerator, double denominator, Fan fan, bool isUniform) => new(name, (shape, dtype, generator) =>
    {
        (double fanIn, double fanOut) = Fans(shape);
        double n = denominator * fan switch { Fan.In => fanIn, Fan.Out => fanOut, _ => (fanIn + fanOut) / 2 }, limit = gain * Math.Sqrt(3 * numerator / n);
        return isUniform ? Tensor.Uniform(shape, generator, -limit, limit, dtype) : Tensor.Normal(shape, generator, 0, gain * Math.Sqrt(numerator / n), dtype);
    });

    private static string FanOption(Fan fan) => fan == Fan.In ? "" : $", {fan}";
}
