using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// What keeps weights small. Three ways: a penalty that is added to the loss, the penalty's gradient that is added to the gradients (the same training, without
/// recording anything), or a change of the weights after a step. The decay of an optimizer (<see cref="Optimizer.WeightDecay"/>) is the second or third way for L2.
/// </summary>
/// <remarks>Biases and the scales of norms are usually left alone: pass the weights only.</remarks>
public static class Regularizer
{
    /// <summary>λ Σ |x|, a scalar that a tape records: weights that the loss does not need become 0 (Tibshirani, 1996).</summary>
    public static Tensor L1(IEnumerable<Tensor> parameters, double strength) => ElasticNet(parameters, strength, 0);

    /// <summary>(λ/2) Σ x², a scalar that a tape records: its gradient is λx, as that of a weight decay λ.</summary>
    public static Tensor L2(IEnumerable<Tensor> parameters, double strength) => ElasticNet(parameters, 0, strength);

    /// <summary>λ₁ Σ |x| + (λ₂/2) Σ x², a scalar that a tape records (Zou and Hastie, 2005).</summary>
    /// <exception cref="ArgumentException">There are no parameters, or both strengths are 0.</exception>
    public static Tensor ElasticNet(IEnumerable<Tensor> parameters, double l1, double l2)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Check(l1, l2);
        Tensor? total = null;
        foreach (Tensor x in parameters)
        {
            if (l1 > 0) Add(x.Abs().Sum() * l1);
            if (l2 > 0) Add((x * x).Sum() * (l2 / 2));
        }

        return total ?? throw new ArgumentException($"Regularizer: there is nothing to penalize (strengths {l1} and {l2}). Pass weights and a positive strength.", nameof(parameters));

        void Add(Tensor term) => total = total is null ? term : total + term.Cast(total.DType);
    }

    /// <summary>Adds λ₁ sign(x) + λ₂x to the gradients, in one pass: what <see cref="ElasticNet"/> in the loss would have added. Between the backward pass and the step.</summary>
    public static void AddToGradients(IEnumerable<Tensor> parameters, double l1, double l2)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Check(l1, l2);
        Tensor[] penalized = [.. parameters.Where(x => !x.IsFrozen && x.Grad is not null)];
        OpListener.Run(Array.ConvertAll(penalized, x => x.Grad!), gradients => GradientKernels.AddPenalty([.. gradients.Zip(penalized)], l1, l2));
    }

    /// <summary>
    /// x ← sign(x) · max(|x| − threshold, 0) after a step: with the threshold αλ the proximal step of an L1 penalty λ (Daubechies et al., 2004), which gives exact zeros.
    /// </summary>
    public static void Shrink(IEnumerable<Tensor> parameters, double threshold)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Require.NotNegative(threshold, "Regularizer.Shrink", nameof(threshold), "It is the learning rate times the penalty's strength.");
        Tensor[] shrunk = [.. parameters.Where(x => !x.IsFrozen)];
        OpListener.Run([], _ => GradientKernels.Shrink(shrunk, threshold));
    }

    /// <summary>
    /// Max-norm (Srebro et al., 2005; Hinton et al., 2012): after a step, scales the incoming weights of each unit to the norm <paramref name="most"/> if theirs is larger.
    /// </summary>
    /// <param name="weights">Weights with at least two dimensions, such as [out, in] or [out, in, height, width].</param>
    /// <param name="most">The largest norm, positive; 3 and 4 are usual.</param>
    /// <param name="unitAxis">The dimension that counts the units: 0 as the layers here have it; 1 for transposed convolutions [in, out, …].</param>
    public static void LimitNorms(IEnumerable<Tensor> weights, double most, int unitAxis = 0)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Require.Positive(most, "Regularizer.LimitNorms", nameof(most), "3 and 4 are usual.");
        using Tape.Pause pause = Tape.NoRecord();
        foreach (Tensor x in weights)
        {
            if (x.Rank < 2)
                throw new ShapeException($"Regularizer.LimitNorms: {x.Describe()} has {x.Rank} dimensions, but a unit's incoming weights need at least [out, in]. Pass the weights without the biases.");
            if (x.IsFrozen || x.Count == 0) continue;
            using TensorScope scope = new();
            int axis = x.Shape.Axis(unitAxis, "LimitNorms");
            Tensor norms = x.Norm([.. Enumerable.Range(0, x.Rank).Where(i => i != axis)], keepDimensions: true);
            // A unit of zeros divides by 0: the factor is infinite, and its minimum with 1 is 1.
            x.MultiplyInPlace((most / norms).Minimum(1));
        }
    }

    private static void Check(double l1, double l2)
    {
        Require.NotNegative(l1, nameof(Regularizer), nameof(l1), "1e-5 to 1e-2 are common.");
        Require.NotNegative(l2, nameof(Regularizer), nameof(l2), "1e-5 to 1e-2 are common.");
    }
}
