using Gradwright.Kernels;

namespace Gradwright.Layers;

public static partial class Loss
{
    private const long NoIndex = -100;      // a target that leaves its sample out, by custom

    /// <summary>
    /// −ln softmax(logits)[target], from logits [n, classes, …] and Int64 classes [n, …]; stable for any logits. Or −Σ t ln softmax(logits) for target probabilities t of
    /// the logits' shape: mixed targets (mixup) or a teacher's.
    /// </summary>
    /// <param name="logits">Scores before the softmax.</param>
    /// <param name="targets">The right classes, or probabilities of all classes in the logits' element type.</param>
    /// <param name="weights">A weight per class, [classes]. The mean over classes as targets is weighted by them; that over probabilities divides by the number of samples.</param>
    /// <param name="ignoreIndex">Samples with this target count nothing.</param>
    /// <param name="labelSmoothing">Share of the target's probability that is spread over all classes.</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A target is no class; the message says which.</exception>
    /// <exception cref="DTypeException">Classes are not Int64.</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor targets, Tensor? weights = null, long ignoreIndex = NoIndex, double labelSmoothing = 0, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (!targets.DType.IsFloating) return logits.CrossEntropy(targets, weights, ignoreIndex, labelSmoothing, reduction);
        if (ignoreIndex != NoIndex) throw new ArgumentException($"CrossEntropy: ignoreIndex ({ignoreIndex}) names a class, but the targets {targets.Describe()} are probabilities. Give samples to leave out zeros as probabilities.");
        if (targets.Rank == logits.Rank - 1 && targets.Rank > 0)
            throw new DTypeException($"CrossEntropy: the targets {targets.Describe()} have one number per sample, as classes do, and classes are Int64: write targets.Cast(DType.Int64). Probabilities have the shape of the logits, {logits.Shape}.");
        RequireSameShape(nameof(CrossEntropy), "logits", logits, "target probabilities", targets);
        RequireShare(nameof(CrossEntropy), "the label smoothing", labelSmoothing);
        if (logits.Rank < 2) throw new ShapeException($"CrossEntropy: logits {logits.Shape} must be [N, C] or [N, C, …], with the classes in dimension 1. Insert a dimension with Unsqueeze(0).");
        using TensorScope scope = new();
        Tensor t = labelSmoothing == 0 ? targets : targets * (1 - labelSmoothing) + labelSmoothing / logits.Shape[1];
        if (weights is not null) t *= PerClass(nameof(CrossEntropy), weights, logits);
        return TensorScope.Keep(logits.SoftCrossEntropy(t, 1, reduction));
    }

    /// <summary>−lnp[target], from logarithms of probabilities [n, classes, …] (as <c>LogSoftmax</c> makes them) and Int64 classes [n, …].</summary>
    /// <param name="logProbabilities">lnp.</param>
    /// <param name="targets">The right classes.</param>
    /// <param name="weights">A weight per class, [classes]; the mean is weighted with the targets' weights.</param>
    /// <param name="ignoreIndex">Samples with this target count nothing.</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    /// <exception cref="ShapeException">Shapes do not fit, or a target is no class.</exception>
    public static Tensor NegativeLogLikelihood(Tensor logProbabilities, Tensor targets, Tensor? weights = null, long ignoreIndex = NoIndex, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logProbabilities);
        RequireClasses(nameof(NegativeLogLikelihood), "log-probabilities", logProbabilities, targets);
        using TensorScope scope = new();
        Tensor ignored = targets.EqualTo(ignoreIndex), index = targets.MaskedFill(ignored, 0);
        Tensor losses = (-logProbabilities.Gather(1, index.Unsqueeze(1)).Squeeze(1)).MaskedFill(ignored, 0), counts;
        if (weights is null) counts = (!ignored).Cast(losses.DType);
        else
        {
            _ = PerClass(nameof(NegativeLogLikelihood), weights, logProbabilities);
            counts = weights.IndexSelect(0, index.Reshape(-1)).Reshape(index.Shape).MaskedFill(ignored, 0);
            losses *= counts;
        }

        return TensorScope.Keep(reduction == Reduction.Mean ? losses.Sum() / counts.Sum() : Reduce(losses, reduction));
    }

    /// <summary>
    /// Of scores [n, classes, …] and Int64 classes y [n, …]: Σ over j ≠ y of max(0, s_j − s_y + margin), or of its square: the multiclass support vector machine
    /// (Weston and Watkins 1999). With equal scores and margin 1 it is the number of classes less one.
    /// </summary>
    /// <remarks>PyTorch's MultiMarginLoss divides this by the number of classes.</remarks>
    /// <param name="scores">One score per class.</param>
    /// <param name="targets">The right classes.</param>
    /// <param name="margin">By how much the right class shall lead.</param>
    /// <param name="squared">Whether each term is squared.</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    public static Tensor MulticlassHinge(Tensor scores, Tensor targets, double margin = 1, bool squared = false, Reduction reduction = Reduction.Mean)
    {
        using TensorScope scope = new();
        return TensorScope.Keep(Reduce(Tape.Apply(new MulticlassHinge(margin, squared), scores, targets), reduction));
    }

    /// <summary>
    /// What a student learns from a teacher's scores: T² times the divergence of the student's softmax at temperature T from the teacher's
    /// (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015). The factor T² keeps gradients of one size for any T, so that the
    /// loss can be added to <see cref="CrossEntropy"/> with the true classes. The teacher gets no gradient.
    /// </summary>
    /// <param name="studentLogits">[n, classes, …].</param>
    /// <param name="teacherLogits">The same shape.</param>
    /// <param name="temperature">Above 1 it shows how the teacher ranks the wrong classes.</param>
    /// <param name="reduction">Mean over the samples by default.</param>
    public static Tensor Distillation(Tensor studentLogits, Tensor teacherLogits, double temperature = 2, Reduction reduction = Reduction.Mean)
    {
        RequirePositive(nameof(Distillation), nameof(temperature), temperature);
        RequireSameShape(nameof(Distillation), "the student's logits", studentLogits, "the teacher's", teacherLogits);
        using TensorScope scope = new();
        Tensor student = (studentLogits * (1 / temperature)).LogSoftmax(1), teacher = (teacherLogits.Detach() * (1 / temperature)).LogSoftmax(1);
        return TensorScope.Keep(temperature * temperature * KullbackLeibler(student, teacher, 1, reduction));
    }

    private static void RequireClasses(string operation, string name, Tensor scores, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.DType != DType.Int64) throw new DTypeException($"{operation}: targets {targets.Describe()} must be Int64, one class per sample. Write targets.Cast(DType.Int64).");
        Shape shape = scores.Shape;
        if (shape.Rank < 2 || targets.Shape != (long[])[shape[0], .. shape.Span[2..]])
            throw new ShapeException($"{operation}: {name} {shape} and targets {targets.Shape} do not fit: {name} are [N, C] or [N, C, …] with the classes in dimension 1, targets [N] or [N, …] with one class per sample.");
    }

    /// <summary>Weights [C], to be broadcast over [N, C, …].</summary>
    private static Tensor PerClass(string operation, Tensor weights, Tensor scores)
    {
        if (weights.Rank != 1 || weights.Count != scores.Shape[1])
            throw new ShapeException($"{operation}: class weights {weights.Shape} must be [{scores.Shape[1]}], one per class of {scores.Shape}.");
        long[] lengths = new long[scores.Rank - 1];
        Array.Fill(lengths, 1);
        lengths[0] = weights.Count;
        return weights.Reshape((Shape)lengths);
    }
}
