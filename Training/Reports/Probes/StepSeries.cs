using System.Runtime.InteropServices;

namespace Gradwright.Training;

/// <summary>
/// Some values over the steps of a training of any length, in bounded memory: when there are too many points, each two become one, their mean. What is kept is a function
/// of what was added, so a series that was saved and loaded goes on as if nothing had happened.
/// </summary>
internal sealed class StepSeries(int columns)
{
    /// <summary>The most points that are kept.</summary>
    public const int MostPoints = 512;

    private readonly int _width = columns + 1;      // the step is the first column
    private readonly List<double> _points = [];     // [points, width]
    private readonly double[] _sums = new double[columns + 1];
    private double _group = 1, _waiting;            // rows that make a point, and how many of them are in the sums

    /// <summary>Adds a row.</summary>
    public void Add(long step, params ReadOnlySpan<double> values)
    {
        _sums[0] += step;
        for (int i = 0; i < values.Length; i++) _sums[i + 1] += values[i];
        if (++_waiting < _group) return;
        foreach (double sum in _sums) _points.Add(sum / _group);
        Array.Clear(_sums);
        _waiting = 0;
        if (_points.Count / _width == MostPoints) Halve();
    }

    /// <summary>One column as a curve; rows that do not make a point yet are left out.</summary>
    public StepCurve Curve(string name, int column)
    {
        int count = _points.Count / _width;
        double[] steps = new double[count], values = new double[count];
        for (int i = 0; i < count; i++) (steps[i], values[i]) = (_points[i * _width], _points[i * _width + column + 1]);
        return new(name, steps, values);
    }

    /// <summary>Everything, as a text that gives back the same bits.</summary>
    public string Save() => Convert.ToBase64String(MemoryMarshal.AsBytes<double>((double[])[_group, _waiting, .. _sums, .. _points]));

    /// <summary>Goes on from what <see cref="Save"/> gave.</summary>
    /// <exception cref="FormatException">It is no such text, or one of a series with other columns.</exception>
    public void Load(string text)
    {
        byte[] bytes = Convert.FromBase64String(text);
        ReadOnlySpan<double> numbers = MemoryMarshal.Cast<byte, double>(bytes);
        if (numbers.Length < 2 + _width || (numbers.Length - 2) % _width != 0 || numbers.Length - 2 > MostPoints * _width || !(numbers[0] >= 1))
            throw new FormatException($"A series of {_width - 1} columns was expected in the report's state, but {numbers.Length} numbers were found.");
        (_group, _waiting) = (numbers[0], numbers[1]);
        numbers.Slice(2, _width).CopyTo(_sums);
        _points.Clear();
        _points.AddRange(numbers[(2 + _width)..]);
    }

    public void Clear()
    {
        _points.Clear();
        Array.Clear(_sums);
        (_group, _waiting) = (1, 0);
    }

    private void Halve()
    {
        for (int i = 0; i < MostPoints / 2; i++)
            for (int j = 0; j < _width; j++) _points[i * _width + j] = (_points[2 * i * _width + j] + _points[(2 * i + 1) * _width + j]) / 2;
        _points.RemoveRange(MostPoints / 2 * _width, MostPoints / 2 * _width);
        _group *= 2;
    }
}
