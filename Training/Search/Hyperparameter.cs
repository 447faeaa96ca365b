namespace Gradwright.Training;

/// <summary>
/// One quantity that a search varies. Strategies see it as a position from 0 to 1, on which its values are spread so that equal distances matter equally: a learning rate by
/// its logarithm, say. <see cref="SearchSpace"/> makes them.
/// </summary>
public abstract class Hyperparameter
{
    private protected Hyperparameter(string name, int? levels, bool isOrdered, string range) => (Name, Levels, IsOrdered, Range) = (name, levels, isOrdered, range);

    /// <summary>As it appears in tables and pictures.</summary>
    public string Name { get; }

    /// <summary>The number of its values; null for all numbers of a range.</summary>
    public int? Levels { get; }

    /// <summary>False for choices, which are neither near to nor far from each other.</summary>
    public bool IsOrdered { get; }

    /// <summary>Its values, for people: <c>1e-05 … 1, logarithmic</c>.</summary>
    public string Range { get; }

    /// <summary>The value at a position, for people.</summary>
    public abstract string Text(double position);

    /// <summary>The position itself, or where there are only some values the middle of the nearest one's stretch.</summary>
    public abstract double Snap(double position);

    public override string ToString() => $"{Name}: {Range}";
}
