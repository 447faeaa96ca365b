using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Gradwright.Layers;

public static partial class Init
{
    /// <summary>
    /// Rows (or columns, where there are more rows) of length <paramref name="gain"/> that are orthogonal to each other, in an evenly distributed random direction
    /// (Saxe et al. 2014): Q of the QR decomposition of a normal matrix. A weight counts as [outputs, inputs · window].
    /// </summary>
    public static Initializer Orthogonal(double gain = 1) => new($"Orthogonal({gain:G4})", (shape, dtype, generator) =>
    {
        (int rows, int columns) = AsMatrix("Orthogonal", shape);
        int longer = Math.Max(rows, columns), shorter = Math.Min(rows, columns);
        DenseMatrix normal = new(longer, shorter, Tensor.Normal([longer, shorter], generator, dtype: DType.Float64).ToArray<double>());
        QR<double> factors = normal.QR(QRMethod.Thin);
        // The signs of R's diagonal are the algorithm's choice; taken into Q, they leave no direction preferred.
        double[] q = new double[rows * columns];
        for (int j = 0; j < shorter; j++)
        {
            double sign = factors.R[j, j] < 0 ? -gain : gain;
            for (int i = 0; i < longer; i++) q[rows >= columns ? i * columns + j : j * columns + i] = sign * factors.Q[i, j];
        }

        return Tensor.From(q, shape).Cast(dtype);
    });

    /// <summary>
    /// A few inputs per unit, chosen at random and with normal weights; the others are 0 (Martens 2010, "Deep Learning via Hessian-free Optimization"). Units stay different, and
    /// their sums do not grow with the number of inputs.
    /// </summary>
    /// <param name="connections">Inputs of a unit; all of them if there are no more.</param>
    /// <param name="deviation">The weights' standard deviation.</param>
    public static Initializer Sparse(int connections = 10, double deviation = 1)
    {
        Positive.Check(nameof(Sparse), (nameof(connections), connections));
        return new($"Sparse({connections}, {deviation})", (shape, dtype, generator) =>
        {
            (int rows, int columns) = AsMatrix("Sparse", shape);
            int kept = Math.Min(connections, columns);
            Tensor chosen = Tensor.Uniform([rows, columns], generator).ArgSort(1).Slice(1, 0, kept), weights = Tensor.Normal([rows, kept], generator, 0, deviation, dtype);
            return Tensor.Zeros([rows, columns], dtype).ScatterAdd(1, chosen, weights).Reshape(shape);
        });
    }

    /// <summary>gain · I: output i starts as input i. For a weight [outputs, inputs]; outputs without an input start at 0.</summary>
    public static Initializer Identity(double gain = 1) => new($"Identity({gain})", (shape, dtype, _) =>
        shape.Rank == 2 ? Tensor.Eye(shape[0], shape[1], dtype) * gain
            : throw new ShapeException($"Identity: {shape} is no weight [outputs, inputs]. For convolutions use Dirac."));

    /// <summary>A convolution that starts by passing on its channels (Zagoruyko and Komodakis 2017): 1 at the middle of the window from input channel i to output channel i of each group.</summary>
    /// <param name="groups">The convolution's groups.</param>
    public static Initializer Dirac(int groups = 1)
    {
        Positive.Check(nameof(Dirac), (nameof(groups), groups));
        return new($"Dirac({groups})", (shape, dtype, _) =>
        {
            if (shape.Rank < 3 || shape[0] % groups != 0)
                throw new ShapeException($"Dirac: {shape} is no weight [outputs, inputs / groups, window…] of {groups} groups. For a weight [outputs, inputs] use Identity.");
            long window = 1, middle = 0;
            foreach (long length in shape.Span[2..]) (middle, window) = (middle * length + length / 2, window * length);
            double[] values = new double[shape.Count];
            for (long output = 0, perGroup = shape[0] / groups; output < shape[0]; output++)
                if (output % perGroup < shape[1]) values[(output * shape[1] + output % perGroup) * window + middle] = 1;
            return Tensor.From(values, shape).Cast(dtype);
        });
    }

    private static (int Rows, int Columns) AsMatrix(string name, Shape shape)
    {
        if (shape.Rank < 2 || shape.Count == 0) throw new ShapeException($"{name}: {shape} is no weight [outputs, inputs, …]. Biases take Zeros, Constant or Uniform.");
        return (checked((int)shape[0]), checked((int)(shape.Count / shape[0])));
    }
}
