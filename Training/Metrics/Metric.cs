namespace Gradwright.Training;

/// <summary>A number that says how good predictions are, gathered batch by batch over an epoch.</summary>
/// <remarks>A metric is called within a scope and without recording, so what it computes is freed after each batch.</remarks>
public abstract class Metric
{
    /// <summary>As it appears in progress lines, histories and checkpoints.</summary>
    public abstract string Name { get; }

    /// <summary>What the batches since <see cref="Reset"/> come to; NaN before the first.</summary>
    public abstract double Value { get; }

    /// <summary>Whether a larger value is better.</summary>
    public virtual bool HigherIsBetter => true;

    /// <summary>Everything gathered since <see cref="Reset"/>: a checkpoint in the middle of an epoch keeps it.</summary>
    public abstract IReadOnlyList<double> State { get; set; }

    /// <summary>Adds a batch.</summary>
    /// <param name="prediction">What the model gave, [batch, …].</param>
    /// <param name="target">What it should have been, [batch, …].</param>
    public abstract void Update(Tensor prediction, Tensor target);

    /// <summary>Forgets all batches.</summary>
    public abstract void Reset();

    /// <summary>A value of this metric for people.</summary>
    public virtual string Format(double value) => value.ToString("0.####");

    public override string ToString() => $"{Name} {Format(Value)}";
}
