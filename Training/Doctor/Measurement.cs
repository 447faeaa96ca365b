using System.Globalization;

namespace Gradwright.Training;

/// <summary>A number that the <see cref="Doctor"/> measured.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value.</param>
public readonly record struct Measurement(string Name, double Value)
{
    public override string ToString() => $"{Name} {Value.ToString("G4", CultureInfo.InvariantCulture)}";
}
