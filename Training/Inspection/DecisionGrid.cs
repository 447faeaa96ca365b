using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>What a model makes of the points of a plane, each in the middle of a square of a grid.</summary>
/// <param name="plane">The plane.</param>
/// <param name="x">From the left edge to the right one.</param>
/// <param name="y">From the lower edge to the upper one.</param>
/// <param name="resolution">Squares along each side.</param>
internal sealed class DecisionGrid(DecisionPlane plane, (double From, double To) x, (double From, double To) y, int resolution)
{
    private const int Batch = 2048;

    private readonly int[] _classes = new int[resolution * resolution];     // row by row from the top
    private readonly double[] _probabilities = new double[resolution * resolution];

    public int Resolution => resolution;
    public (double From, double To) X => x;
    public (double From, double To) Y => y;

    /// <summary>How many classes the model tells apart.</summary>
    public int Classes { get; private set; }

    public int ClassAt(int row, int column) => _classes[row * resolution + column];

    public double ProbabilityAt(int row, int column) => _probabilities[row * resolution + column];

    /// <summary>Runs the model.</summary>
    /// <param name="model">Any model that tells classes apart.</param>
    /// <param name="like">A tensor of whose shape, but for the first length, type and accelerator the inputs are to be.</param>
    public DecisionGrid Fill(Module<Tensor, Tensor> model, Tensor like)
    {
        using ConstantModel constant = new(model);
        using Tape.Pause pause = Tape.NoRecord();
        for (int first = 0; first < _classes.Length; first += Batch)
        {
            using TensorScope scope = new();
            int count = Math.Min(Batch, _classes.Length - first);
            Tensor scores = model.Forward(Points(first, count).Reshape([count, .. like.Shape.Span[1..]]).To(like.Accelerator).Cast(like.DType));
            if (scores.Rank != 2 || scores.Shape[0] != count || scores.Shape[1] < 2)
                throw new ShapeException($"DecisionMap: {model.Location} made {scores.Shape} of {count} inputs, but scores [{count}, classes] of at least two classes are needed.");
            Note(first, HostValues.Numbers(scores), Classes = (int)scores.Shape[1]);
        }

        return this;
    }

    private Tensor Points(int first, int count)
    {
        float[] points = new float[count * plane.Values];
        for (int i = 0; i < count; i++)
        {
            (int row, int column) = Math.DivRem(first + i, resolution);
            plane.At(x.From + (column + 0.5) / resolution * (x.To - x.From), y.To - (row + 0.5) / resolution * (y.To - y.From), points.AsSpan(i * plane.Values, plane.Values));
        }

        return Tensor.From(points, [count, plane.Values]);
    }

    private void Note(int first, double[] scores, int classes)
    {
        for (int i = 0; i < scores.Length / classes; i++)
        {
            double[] probabilities = ClassProbabilities.Of(scores.AsSpan(i * classes, classes));
            _classes[first + i] = Array.IndexOf(probabilities, probabilities.Max());
            _probabilities[first + i] = probabilities.Max();
        }
    }
}
