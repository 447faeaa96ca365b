using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Gradwright.Optim;

/// <summary>Second derivatives of a loss by its parameters, by differentiating the gradient.</summary>
/// <remarks>The loss is a function, because it must be recorded: a tape is open around it. It may use only ops that can be differentiated twice.</remarks>
public static class Hessian
{
    private const long MostParameters = 20_000;     // 3.2 GB

    /// <summary>H v without H: the gradient of Σ gᵢvᵢ (Pearlmutter, 1994). Costs about two backward passes.</summary>
    /// <param name="loss">One element.</param>
    /// <param name="parameters">The parameters x, or watched tensors.</param>
    /// <param name="vectors">v, a tensor of each parameter's shape and type.</param>
    /// <returns>H v in the same form. Zeros where the loss is linear.</returns>
    public static Tensor[] VectorProduct(Func<Tensor> loss, IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.Count != (parameters ?? throw new ArgumentNullException(nameof(parameters))).Count)
            throw new ArgumentException($"Hessian.VectorProduct: there are {parameters.Count} parameters, but {vectors.Count} vectors. Give one of each parameter's shape.", nameof(vectors));
        for (int i = 0; i < vectors.Count; i++)
        {
            if (vectors[i].Shape != parameters[i].Shape || vectors[i].DType != parameters[i].DType)
                throw new ShapeException($"Hessian.VectorProduct: vector {i} is {vectors[i].Describe()}, its parameter {parameters[i].Describe()}. Shape and type must be equal.");
        }

        using Tape tape = new();
        Tensor[] gradient = Gradient(tape, loss, parameters);
        Tensor[] product = [.. vectors.Select(vector => Tensor.Zeros(vector.Shape, vector.DType, vector.Accelerator))];
        for (int i = 0; i < gradient.Length; i++)
        {
            Tensor along = (gradient[i] * vectors[i].Detach()).Sum();
            if (!tape.Takes(along)) continue;       // a gradient that depends on no parameter
            Tensor[] part = tape.Gradients(along, [.. parameters]);
            for (int k = 0; k < part.Length; k++) product[k].AddInPlace(part[k].Detach());
        }

        return Array.ConvertAll(product, TensorScope.Keep);
    }

    /// <summary>The whole Hessian, [n, n] in Float64 on the CPU, for n parameters in all; one backward pass for each of them.</summary>
    /// <exception cref="ArgumentException">There are more parameters than such a matrix is meant for; use <see cref="VectorProduct"/>.</exception>
    public static Tensor Matrix(Func<Tensor> loss, IReadOnlyList<Tensor> parameters) => Tensor.From(Differentiate(loss, parameters).Hessian);

    /// <summary>Eigenvalues, ascending, and eigenvectors of the Hessian.</summary>
    /// <inheritdoc cref="Matrix" path="/exception"/>
    public static HessianSpectrum Spectrum(Func<Tensor> loss, IReadOnlyList<Tensor> parameters) => Spectrum(Differentiate(loss, parameters).Hessian);

    internal static HessianSpectrum Spectrum(double[,] hessian)
    {
        Evd<double> found = Matrix<double>.Build.DenseOfArray(hessian).Evd(Symmetricity.Symmetric);
        int[] order = [.. Enumerable.Range(0, hessian.GetLength(0)).OrderBy(i => found.EigenValues[i].Real)];
        return new([.. order.Select(i => found.EigenValues[i].Real)], [.. order.Select(i => found.EigenVectors.Column(i).ToArray())]);
    }

    /// <summary>The loss, its gradient and its Hessian, with the parameters' elements in order.</summary>
    internal static (double Loss, double[] Gradient, double[,] Hessian) Differentiate(Func<Tensor> loss, IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        long count = parameters.Sum(parameter => parameter.Count);
        if (count > MostParameters)
            throw new ArgumentException($"Hessian: {count} parameters have {count} × {count} second derivatives, too many for a matrix. Use Hessian.VectorProduct, or take the parameters of one layer.", nameof(parameters));
        using Tape tape = new();
        Tensor[] gradients = Gradient(tape, loss, parameters, out Tensor value);
        double[,] hessian = new double[count, count];
        long row = 0;
        foreach (Tensor gradient in gradients)
        {
            for (long i = 0; i < gradient.Count; i++, row++)
            {
                Tensor element = gradient.Reshape(-1).Select(0, i);
                if (!tape.Takes(element)) continue;
                using TensorScope scope = new();
                long column = 0;
                foreach (Tensor part in tape.Gradients(element, [.. parameters]))
                    foreach (double second in HostValues.Of(part)) hessian[row, column++] = second;
            }
        }

        // The two halves differ by rounding only.
        for (long i = 0; i < count; i++)
            for (long k = 0; k < i; k++) hessian[i, k] = hessian[k, i] = (hessian[i, k] + hessian[k, i]) / 2;
        return (value.ToDouble(), [.. gradients.SelectMany(HostValues.Of)], hessian);
    }

    private static Tensor[] Gradient(Tape tape, Func<Tensor> loss, IReadOnlyList<Tensor> parameters) => Gradient(tape, loss, parameters, out _);

    private static Tensor[] Gradient(Tape tape, Func<Tensor> loss, IReadOnlyList<Tensor> parameters, out Tensor value)
    {
        ArgumentNullException.ThrowIfNull(loss);
        foreach (Tensor parameter in parameters) tape.Watch(parameter);
        value = ParameterVector.RequireScalar(nameof(Hessian), loss());
        return tape.Gradients(value, [.. parameters], createGraph: true);
    }
}
