using System.Text;
using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Which class a model takes each point of a plane for: the class as a colour, its probability as the colour's strength, and the samples as dots over it. Of inputs with more
/// than two values the plane is a cut: samples beside it may be taken for another class than the point that they are nearest to.
/// </summary>
/// <example><code>
/// DecisionMap map = DecisionMap.Of(model, DecisionPlane.OfFeatures(x), x, labels);
/// map.Save("regions.svg");
/// </code></example>
public sealed class DecisionMap
{
    private const double Room = 0.06, Weakest = 0.1, Strongest = 0.62;

    private readonly DecisionGrid _grid;

    private DecisionMap(DecisionGrid grid, DecisionPlane plane, IReadOnlyList<(double X, double Y)> samples, IReadOnlyList<long> labels, string title, IReadOnlyList<string> classes)
        => (_grid, Plane, Samples, Labels, Title, Classes, Colours) = (grid, plane, samples, labels, title, classes, new(grid.Classes));

    /// <summary>Runs a model, in evaluation mode, on the points of a plane around some samples. The model comes back as it was.</summary>
    /// <param name="model">[n, …] → scores [n, classes], of at least two classes; probabilities will do too.</param>
    /// <param name="plane">Where to look.</param>
    /// <param name="samples">[n, …]: what the model's inputs are like. The map reaches a little further than they do on the plane.</param>
    /// <param name="labels">The samples' classes.</param>
    /// <param name="resolution">Points along each side; the model runs on its square.</param>
    /// <param name="title">Stands above the picture.</param>
    /// <param name="classes">The classes' names, in their order; without them they are numbered.</param>
    /// <exception cref="ArgumentException">There is not one label for each sample, or one that the model has no class for.</exception>
    /// <exception cref="ShapeException">The samples do not fit the plane, or the model gives no scores [n, classes].</exception>
    public static DecisionMap Of(Module<Tensor, Tensor> model, DecisionPlane plane, Tensor samples, ReadOnlySpan<long> labels, int resolution = 230,
        string title = "", IReadOnlyList<string>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plane);
        ArgumentNullException.ThrowIfNull(samples);
        if (resolution is < 2 or > 4096) throw new ArgumentOutOfRangeException(nameof(resolution), resolution, "DecisionMap: the resolution is a number of points along a side, from 2 to 4096.");
        (double X, double Y)[] points = plane.Project(samples);
        if (labels.Length != points.Length) throw new ArgumentException($"DecisionMap: there are {labels.Length} labels for {points.Length} samples. Give one for each.", nameof(labels));
        DecisionGrid grid = new DecisionGrid(plane, Range(points.Select(point => point.X)), Range(points.Select(point => point.Y)), resolution).Fill(model, samples);
        foreach (long label in labels)
            if (label < 0 || label >= grid.Classes) throw new ArgumentException($"DecisionMap: a sample has the label {label}, but the model tells {grid.Classes} classes apart, counted from 0.", nameof(labels));
        return new(grid, plane, points, labels.ToArray(), title, classes ?? []);
    }

    /// <summary>Stands above the picture.</summary>
    public string Title { get; }

    /// <summary>The classes' names, in their order; without them they are numbered.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Where it is drawn.</summary>
    public DecisionPlane Plane { get; }

    /// <summary>The samples' places on the plane.</summary>
    public IReadOnlyList<(double X, double Y)> Samples { get; }

    /// <summary>The samples' classes.</summary>
    public IReadOnlyList<long> Labels { get; }

    /// <summary>Points along each side.</summary>
    public int Resolution => _grid.Resolution;

    /// <summary>How many classes the model tells apart.</summary>
    public int ClassCount => _grid.Classes;

    /// <summary>x at the left and right edges.</summary>
    public (double From, double To) X => _grid.X;

    /// <summary>y at the lower and upper edges.</summary>
    public (double From, double To) Y => _grid.Y;

    /// <summary>The class that the model takes a point for: row 0 is at the top, column 0 at the left, each point in the middle of its square.</summary>
    public int ClassAt(int row, int column) => _grid.ClassAt(row, column);

    /// <summary>The probability that it gives this class.</summary>
    public double ProbabilityAt(int row, int column) => _grid.ProbabilityAt(row, column);

    /// <summary>The regions alone, a pixel for each point: the nearer the probability to that of guessing, the nearer the colour to white. Where the scores are NaN it is gray.</summary>
    public Picture ToPicture()
    {
        Picture picture = new(Resolution, Resolution, 3);
        for (int row = 0; row < Resolution; row++)
            for (int column = 0; column < Resolution; column++)
            {
                double sure = (ProbabilityAt(row, column) * ClassCount - 1) / (ClassCount - 1);
                if (double.IsNaN(sure)) picture[column, row].Fill(128);
                else ColourMap.Put(picture[column, row], Colours.Of(ClassAt(row, column), Weakest + (Strongest - Weakest) * Math.Max(0, sure)));
            }

        return picture;
    }

    /// <summary>The regions with axes, samples and a legend.</summary>
    public string ToSvg(ChartStyle style = ChartStyle.File) => new DecisionChart(this, style).ToString();

    /// <summary>Writes the SVG picture, which appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(ToSvg())));

    internal ClassColours Colours { get; }

    internal string NameOf(int @class) => ReportNames.Of(@class, Classes);

    private static (double From, double To) Range(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite).DefaultIfEmpty(0)];
        (double low, double high) = (finite.Min(), finite.Max());
        double room = high > low ? Room * (high - low) : 1;
        return (low - room, high + room);
    }
}
