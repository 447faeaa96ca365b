namespace Gradwright.Data;

/// <summary>
/// Trains on straight lines between samples (Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018): each sample of a batch is mixed with another one,
/// x′ᵢ = λxᵢ + (1 − λ)xⱼ, and so are their targets. Labels become noisy in a way that agrees with the pictures, which regularises.
/// </summary>
/// <example><code>
/// var mixup = new Mixup(alpha: 0.2, classes: 10, seed: 1);
/// (Tensor x, Tensor y) = mixup.Apply(batch.Input, batch.Target, step);        // y [64] becomes probabilities [64, 10]
/// Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
/// </code></example>
/// <remarks>
/// λ is drawn once per batch from Beta(α, α), and the greater of λ and 1 − λ is taken: over all pairings that is the same distribution of batches, but a mixed sample is
/// always nearer to its own input than to its partner, so that a metric may go on comparing it with its own class. All follows from the seed and the step; nothing
/// needs to be saved.
/// </remarks>
public sealed class Mixup
{
    private readonly long _classes;
    private readonly ulong _seed;

    /// <summary>A way of mixing.</summary>
    /// <param name="alpha">α, positive: near 0 samples stay almost as they are, at 1 all shares are equally likely. 0.1 to 0.4 suit pictures.</param>
    /// <param name="classes">The number of classes, where targets are class indices; 0 where they are numbers.</param>
    /// <param name="seed">Where pairs and shares come from.</param>
    public Mixup(double alpha = 0.2, long classes = 0, ulong seed = 0)
    {
        if (!(alpha > 0 && double.IsFinite(alpha)))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, $"Mixup: alpha must be positive and finite, but is {alpha}. 0.2 is usual; to train without mixup, leave it out.");
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        (Alpha, _classes, _seed) = (alpha, classes, seed);
    }

    /// <summary>α.</summary>
    public double Alpha { get; }

    /// <summary>A batch mixed with itself, in a way that follows from the seed and the step.</summary>
    /// <param name="input">[n, …] of floating-point numbers, n at least 2.</param>
    /// <param name="target">Int64 classes [n, …], which become probabilities [n, classes, …] in the input's element type; or floating-point numbers [n, …], which keep their shape.</param>
    /// <param name="step">The batch's number in the training, from 0.</param>
    /// <exception cref="ShapeException">There is a single sample, or there are not as many targets as inputs.</exception>
    /// <exception cref="DTypeException">The inputs are whole numbers; or the targets are neither classes nor floating-point numbers.</exception>
    public (Tensor Input, Tensor Target) Apply(Tensor input, Tensor target, long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return Apply(input, target, new Generator(_seed).Fork("mixup").Fork((ulong)step));
    }

    /// <summary>A batch mixed with itself, in a way that follows from a generator.</summary>
    /// <inheritdoc cref="Apply(Tensor, Tensor, long)"/>
    public (Tensor Input, Tensor Target) Apply(Tensor input, Tensor target, Generator random)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(random);
        Check(input, target);
        using TensorScope scope = new();
        long[] order = new long[input.Shape[0]];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        random.Shuffle(order.AsSpan());
        double share = random.NextBeta(Alpha, Alpha);
        share = Math.Max(share, 1 - share);
        Tensor partner = Tensor.From(order).To(input.Accelerator), probabilities = target.DType.IsFloating ? target : Probabilities(target, input.DType);
        return (TensorScope.Keep(Mix(input)), TensorScope.Keep(Mix(probabilities)));

        Tensor Mix(Tensor x) => x * share + x.IndexSelect(0, partner) * (1 - share);
    }

    public override string ToString() => $"Mixup(alpha: {Alpha}{(_classes == 0 ? "" : $", classes: {_classes}")}, seed: {_seed})";

    // One-hot over the classes, in dimension 1 where a cross-entropy looks for them.
    private Tensor Probabilities(Tensor target, DType dtype)
    {
        int[] order = [0, target.Rank, .. Enumerable.Range(1, target.Rank - 1)];
        return target.OneHot(_classes, dtype).Permute(order);
    }

    private void Check(Tensor input, Tensor target)
    {
        if (!input.DType.IsFloating)
            throw new DTypeException($"Mixup: input {input.Describe()} is made of whole numbers, between which there is nothing. Mix floating-point numbers: for tokens, their embeddings.");
        if (input.Rank == 0 || target.Rank == 0 || input.Shape[0] != target.Shape[0])
            throw new ShapeException($"Mixup: input {input.Shape} and target {target.Shape} must begin with the same number of samples.");
        if (input.Shape[0] < 2)
            throw new ShapeException($"Mixup: input {input.Shape} has {input.Shape[0]} samples, but mixing takes two. Use larger batches, and where the last of an epoch has a single sample, dropLast: true.");
        if (target.DType.IsFloating) return;
        if (target.DType != DType.Int64)
            throw new DTypeException($"Mixup: target {target.Describe()} must be Int64 classes, or floating-point numbers. Write target.Cast(DType.Int64).");
        if (_classes == 0)
            throw new ArgumentException($"Mixup: target {target.Describe()} holds classes, but it is not known how many there are. Give their number: new Mixup(classes: 10).", nameof(target));
    }
}
