namespace Gradwright.Layers;

/// <summary>A rule for initial values.</summary>
/// <param name="Name">The rule, as it is written.</param>
/// <param name="Values">Makes values of a shape and type.</param>
public sealed record Initializer(string Name, Func<Shape, DType, Generator, Tensor> Values)
{
    /// <summary>Fills a parameter.</summary>
    public void Fill(Tensor parameter, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        new Kernels.Copy().ExecuteInto(parameter, Values(parameter.Shape, parameter.DType, generator).To(parameter.Accelerator));
    }

    public override string ToString() => Name;
}

/// <summary>Rules for initial values. A weight is [outputs, inputs, window…]: fan-in is inputs · window, fan-out outputs · window.</summary>
public static class Init
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

    /// <summary>Normal with this standard deviation.</summary>
    public static Initializer Normal(double deviation = 0.01)
        => new($"Normal({deviation})", (shape, dtype, generator) => Tensor.Normal(shape, generator, 0, deviation, dtype));

    /// <summary>Uniform with variance 2/(fan-in + fan-out) (Glorot and Bengio 2010).</summary>
    public static Initializer XavierUniform(double gain = 1)
        => new($"XavierUniform({gain})", (shape, dtype, generator) =>
        {
            (double fanIn, double fanOut) = Fans(shape);
            double limit = gain * Math.Sqrt(6 / (fanIn + fanOut));
            return Tensor.Uniform(shape, generator, -limit, limit, dtype);
        });

    /// <summary>Normal with variance 2/(fan-in + fan-out) (Glorot and Bengio 2010).</summary>
    public static Initializer XavierNormal(double gain = 1)
        => new($"XavierNormal({gain})", (shape, dtype, generator) =>
        {
            (double fanIn, double fanOut) = Fans(shape);
            return Tensor.Normal(shape, generator, 0, gain * Math.Sqrt(2 / (fanIn + fanOut)), dtype);
        });

    /// <summary>Uniform with variance 2/((1 + slope²) · fan-in) (He et al. 2015); slope is the rectifier's for negative inputs.</summary>
    public static Initializer KaimingUniform(double slope = 0)
        => new($"KaimingUniform({slope:G4})", (shape, dtype, generator) =>
        {
            double limit = Math.Sqrt(6 / ((1 + slope * slope) * Fans(shape).In));
            return Tensor.Uniform(shape, generator, -limit, limit, dtype);
        });

    /// <summary>Normal with variance 2/((1 + slope²) · fan-in) (He et al. 2015).</summary>
    public static Initializer KaimingNormal(double slope = 0)
        => new($"KaimingNormal({slope:G4})", (shape, dtype, generator)
            => Tensor.Normal(shape, generator, 0, Math.Sqrt(2 / ((1 + slope * slope) * Fans(shape).In)), dtype));

    /// <summary>How many inputs feed one output, and how many outputs one input feeds.</summary>
    /// <exception cref="ShapeException">A tensor with fewer than two dimensions has no fans.</exception>
    public static (double In, double Out) Fans(Shape weight)
    {
        if (weight.Rank < 2)
            throw new ShapeException($"Fans: {weight} is no weight [outputs, inputs, …]. Xavier and Kaiming initialisation are for weights; biases take Zeros, Constant or Uniform.");
        double window = 1;
        foreach (long length in weight.Span[2..]) window *= length;
        return (weight[1] * window, weight[0] * window);
    }
}
