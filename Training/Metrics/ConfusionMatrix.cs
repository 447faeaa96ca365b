using System.Text;
using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>How often samples of each class were given each class: a row per target, a column per prediction.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;        // [classes, classes]

    /// <summary>No samples yet.</summary>
    /// <param name="classes">How many classes there are, 2 or more.</param>
    public ConfusionMatrix(int classes)
    {
        if (classes < 2)
            throw new ArgumentOutOfRangeException(nameof(classes), classes, $"ConfusionMatrix: there must be at least 2 classes to confuse, but there are {classes}. A yes-or-no task has 2.");
        Classes = classes;
        _counts = new long[checked(classes * classes)];
    }

    public int Classes { get; }

    /// <summary>Samples so far.</summary>
    public long Total => _counts.Sum();

    /// <summary>Samples of class <paramref name="target"/> that were given class <paramref name="prediction"/>.</summary>
    public long this[int target, int prediction] => _counts[Cell(target, prediction)];

    /// <summary>All cells, row-major.</summary>
    internal ReadOnlySpan<long> Counts => _counts;

    /// <summary>Adds a sample.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is no class.</exception>
    public void Add(long target, long prediction) => _counts[Cell(target, prediction)]++;

    /// <summary>Forgets all samples.</summary>
    public void Clear() => Array.Clear(_counts);

    /// <summary>How decisions for one class against all others went.</summary>
    public ClassCounts Of(int @class)
    {
        long hits = this[@class, @class], targets = 0, predictions = 0;
        for (int i = 0; i < Classes; i++)
        {
            targets += _counts[@class * Classes + i];
            predictions += _counts[i * Classes + @class];
        }

        return new(hits, predictions - hits, targets - hits);
    }

    /// <summary>The cells as shares, [target, prediction]; NaN where there is nothing to share.</summary>
    public double[,] Normalized(ConfusionShare share = ConfusionShare.OfTargets)
    {
        ClassCounts[] classes = [.. Enumerable.Range(0, Classes).Select(Of)];
        double[,] shares = new double[Classes, Classes];
        for (int target = 0; target < Classes; target++)
            for (int prediction = 0; prediction < Classes; prediction++)
            {
                long whole = share switch
                {
                    ConfusionShare.OfTargets => classes[target].Targets,
                    ConfusionShare.OfPredictions => classes[prediction].Hits + classes[prediction].FalseAlarms,
                    _ => Total,
                };
                shares[target, prediction] = this[target, prediction] / (double)whole;
            }

        return shares;
    }

    /// <summary>
    /// A gray tile per cell, rows from the top: white is a share of 0, black one of 1. Cells without samples to share are of the border's middle gray.
    /// </summary>
    /// <param name="share">What the cells are shares of.</param>
    /// <param name="scale">A tile's side in pixels.</param>
    public Picture ToPicture(ConfusionShare share = ConfusionShare.OfTargets, int scale = 24)
    {
        byte[] tiles = [.. Normalized(share).Cast<double>().Select(value => double.IsNaN(value) ? (byte)128 : (byte)Math.Round(255 * (1 - value)))];
        return ImageGrid.Tile(tiles, channels: 1, height: 1, width: 1, columns: Classes, scale, border: 1);
    }

    /// <summary>The counts as a table.</summary>
    public override string ToString()
    {
        int width = Math.Max($"{Classes - 1}".Length, _counts.Max(count => $"{count}".Length)) + 2, first = "target".Length;
        StringBuilder text = new("target");
        for (int i = 0; i < Classes; i++) text.Append($"{i}".PadLeft(width));
        for (int target = 0; target < Classes; target++)
        {
            text.Append('\n').Append($"{target}".PadLeft(first));
            for (int prediction = 0; prediction < Classes; prediction++) text.Append($"{this[target, prediction]}".PadLeft(width));
        }

        return text.ToString();
    }

    internal void Load(IReadOnlyList<double> counts)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] = (long)counts[i];
    }

    private int Cell(long target, long prediction)
        => (ulong)target >= (ulong)Classes ? throw NoClass(nameof(target), target)
            : (ulong)prediction >= (ulong)Classes ? throw NoClass(nameof(prediction), prediction)
            : (int)(target * Classes + prediction);

    private ArgumentOutOfRangeException NoClass(string name, long value)
        => new(name, value, $"ConfusionMatrix: the {name} is class {value}, but there are {Classes} classes, 0 to {Classes - 1}. Give the number of classes of the data, or name the number that marks samples to leave out.");
}
