namespace Gradwright.Training;

/// <summary>A quantity that a search varies, as the key to its value: <c>trial.Get(rate)</c>.</summary>
/// <typeparam name="T">What its values are.</typeparam>
public sealed class Hyperparameter<T> : Hyperparameter
{
    private readonly Func<double, T> _at;
    private readonly Func<T, double> _positionOf;
    private readonly Func<T, string> _text;

    /// <param name="name">Its name.</param>
    /// <param name="levels">The number of its values, or null.</param>
    /// <param name="isOrdered">Whether they lie on a line.</param>
    /// <param name="range">Its values, for people.</param>
    /// <param name="at">From a position to the value.</param>
    /// <param name="positionOf">And back.</param>
    /// <param name="text">A value, for people.</param>
    internal Hyperparameter(string name, int? levels, bool isOrdered, string range, Func<double, T> at, Func<T, double> positionOf, Func<T, string> text)
        : base(name, levels, isOrdered, range) => (_at, _positionOf, _text) = (at, positionOf, text);

    /// <summary>The value at a position from 0 to 1.</summary>
    public T At(double position) => _at(Math.Clamp(position, 0, 1));

    public override string Text(double position) => _text(At(position));

    public override double Snap(double position) => Levels is null ? Math.Clamp(position, 0, 1) : _positionOf(At(position));
}
