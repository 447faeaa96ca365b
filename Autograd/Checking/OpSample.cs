using Gradwright.Kernels;

namespace Gradwright.Checking;

/// <summary>
/// One op with operands to try it on. A sample is written once and read by all: the value, gradient, second-order, layout, parity and leak
/// checks, the gradient-check table and the kernel benchmarks.
/// </summary>
/// <param name="Op">The op with its attributes.</param>
/// <param name="Operands">What to feed it.</param>
/// <param name="Label">What is special about this sample, if there are several.</param>
public sealed partial record OpSample(Op Op, Operand[] Operands, string Label = "")
{
    /// <summary>For elementwise ops: the result from the operands' elements, computed with System.Math.</summary>
    public Func<double[], double>? Reference { get; init; }

    /// <summary>Largest difference to the reference, relative to the largest reference value, in units of the element type's precision.</summary>
    public double Tolerance { get; init; } = 8;

    /// <summary>How many times the usual difference a gradient of 16 bits may have: more than 1 where large terms cancel.</summary>
    public double HalfSlack { get; init; } = 1;

    /// <summary>Floating-point operations of one call, for the benchmarks; 0 counts bytes moved instead.</summary>
    public double Flops { get; init; }

    /// <summary>False for an op whose second derivative is not defined here.</summary>
    public bool TwiceDifferentiable { get; init; } = true;

    /// <summary>Operands of floating-point type that are constants all the same, such as running statistics.</summary>
    public int[] Constants { get; init; } = [];

    /// <summary>The operands as tensors of this floating-point type.</summary>
    public Tensor[] MakeOperands(DType dtype, ulong seed = 1)
    {
        Generator generator = new(seed);
        return [.. Operands.Select((operand, i) => operand.Make(dtype, generator.Fork((ulong)i)))];
    }

    public override string ToString() => $"{Op.Name}{(Label.Length > 0 ? $" ({Label})" : "")} {string.Join(", ", Operands.Select(o => o.Shape))}";
}

/// <summary>An operand of a sample: numbers spread evenly over an interval, in random order, or given ones.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Low">Smallest number.</param>
/// <param name="High">Largest number.</param>
public sealed record Operand(Shape Shape, double Low = -1, double High = 1)
{
    /// <summary>The element type, if it is not the floating-point type that is being tried: Int64 indices, Bool masks.</summary>
    public DType? Type { get; init; }

    /// <summary>The numbers themselves, instead of an interval.</summary>
    public double[]? Values { get; init; }

    /// <summary>Int64 indices 0 .. bound−1.</summary>
    public static Operand Indices(Shape shape, long bound) => new(shape, 0, bound) { Type = DType.Int64 };

    /// <summary>Truth values, about half of them true.</summary>
    public static Operand Mask(Shape shape) => new(shape, 0, 2) { Type = DType.Bool };

    internal Tensor Make(DType dtype, Generator generator)
    {
        double[] values = Numbers(generator);
        return (Type ?? dtype) switch
        {
            DType.Float32 => Tensor.From(Array.ConvertAll(values, v => (float)v), Shape),
            DType.Float64 => Tensor.From(values, Shape),
            DType.Int64 => Tensor.From(Array.ConvertAll(values, v => (long)Math.Floor(v)), Shape),
            DType.Int32 => Tensor.From(Array.ConvertAll(values, v => (int)Math.Floor(v)), Shape),
            DType.UInt8 => Tensor.From(Array.ConvertAll(values, v => (byte)Math.Floor(v)), Shape),
            DType.Bool => Tensor.From(Array.ConvertAll(values, v => v >= 1), Shape),
            var other => throw new DTypeException($"Samples are made in Float32, Float64, Int64, Int32, UInt8 and Bool, not {other}."),
        };
    }

    /// <summary>The numbers, before they are rounded to a type.</summary>
    internal double[] Numbers(Generator generator) => Values ?? Spread((int)Shape.Count, generator);

    // Evenly spaced numbers stay apart, so that maxima and sorted orders do not change under a finite difference.
    private double[] Spread(int n, Generator generator)
    {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) values[i] = Low + (High - Low) * (i + 0.25 + 0.5 * generator.NextDouble()) / n;
        generator.Shuffle(values.AsSpan());
        return values;
    }
}
