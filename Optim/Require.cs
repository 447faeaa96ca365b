namespace Gradwright.Optim;

/// <summary>The checks of numbers that optimizers and schedules share.</summary>
internal static class Require
{
    public static double Positive(double value, string owner, string name, string typical)
        => double.IsFinite(value) && value > 0 ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{owner}: {name} must be a positive, finite number, but is {value}. {typical}");

    public static double NotNegative(double value, string owner, string name, string typical)
        => double.IsFinite(value) && value >= 0 ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{owner}: {name} must be zero or a positive, finite number, but is {value}. {typical}");

    /// <summary>A factor with which a mean forgets: 0 ≤ value &lt; 1.</summary>
    public static double Fraction(double value, string owner, string name, string typical)
        => value is >= 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{owner}: {name} must be at least 0 and less than 1, but is {value}. {typical}");

    public static long Count(long value, string owner, string name)
        => value > 0 ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{owner}: {name} must be a positive number of optimizer steps, but is {value}. An epoch has as many steps as batches.");

    /// <summary>A tensor that an optimizer may change, seen for the first time; <paramref name="known"/> receives it.</summary>
    public static void Parameter(string owner, Tensor? parameter, HashSet<Tensor> known, string argument)
    {
        if (parameter is null || !parameter.IsParameter)
            throw new ArgumentException($"{owner}: {parameter?.Describe() ?? "null"} is not a parameter, so it never gets a gradient. Make it with Tensor.Parameter(…); a view of a parameter is not one.", argument);
        if (parameter.DType is not (DType.Float32 or DType.Float64))
            throw new DTypeException($"{owner}: parameter {parameter.Describe()} is neither Float32 nor Float64. Keep parameters in Float32 and cast what is computed from them.");
        if (!known.Add(parameter))
            throw new ArgumentException($"{owner}: parameter {parameter.Describe()} occurs twice; it would be updated twice per step. List a shared parameter once.", argument);
    }
}
