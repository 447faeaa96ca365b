using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>eˣ / Σ eˣ along a dimension, the last by default: positive numbers that sum to 1. Stable for numbers of any size.</summary>
        public Tensor Softmax(int axis = -1) => Tape.Apply(new AlongAxis<Softmax>(x.Shape.Axis(axis)), x);

        /// <summary>x − ln Σ eˣ along a dimension, the last by default: the logarithm of the softmax, accurate also where that is tiny.</summary>
        public Tensor LogSoftmax(int axis = -1) => Tape.Apply(new AlongAxis<LogSoftmax>(x.Shape.Axis(axis)), x);

        /// <summary>
        /// The cross-entropy of the softmax of these logits [N, C, …] with target classes [N, …], in one fused step that is stable for logits of any size.
        /// </summary>
        /// <param name="targets">The right classes, Int64, 0 to C − 1.</param>
        /// <param name="weights">A weight per class [C], a constant; the mean is then weighted with the targets' weights.</param>
        /// <param name="ignoreIndex">A target that leaves its sample out.</param>
        /// <param name="labelSmoothing">The part of each target, 0 to 1, that is spread evenly over all classes (Szegedy et al. 2016).</param>
        /// <param name="reduction">Mean or sum of the samples' losses, or the losses [N, …] themselves.</param>
        /// <exception cref="ArgumentOutOfRangeException">A target is no class; the message names its position.</exception>
        public Tensor CrossEntropy(Tensor targets, Tensor? weights = null, long ignoreIndex = -100, double labelSmoothing = 0, Reduction reduction = Reduction.Mean)
        {
            CrossEntropy op = new(reduction, ignoreIndex, labelSmoothing);
            return weights is null ? Tape.Apply(op, x, targets) : Tape.Apply(op, x, targets, weights);
        }

        /// <summary>
        /// The cross-entropy −Σ t ln p of the softmax p of these logits with target probabilities t of the same shape, along a dimension: dimension 1 by default. One
        /// fused step, stable for logits of any size; targets may be smoothed, mixed (mixup) or a teacher's, and get a gradient too if they want one.
        /// </summary>
        /// <param name="targets">Probabilities, or any weights of the classes.</param>
        /// <param name="axis">The dimension of the classes.</param>
        /// <param name="reduction">Mean or sum of the lines' losses, or the losses themselves.</param>
        public Tensor SoftCrossEntropy(Tensor targets, int axis = 1, Reduction reduction = Reduction.Mean)
        {
            using TensorScope scope = new();
            Tensor losses = Tape.Apply(new SoftCrossEntropy(x.Shape.Axis(axis)), x, targets);
            return TensorScope.Keep(reduction switch { Reduction.Mean => losses.Mean(), Reduction.Sum => losses.Sum(), _ => losses });
        }
    }
}
