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
}
