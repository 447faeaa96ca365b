using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Foresees how much memory a training step will need, without needing it, and so the largest batch that fits. The step is taken on an accelerator without memory, where ops
/// infer shapes and allocate but compute nothing: a plan costs milliseconds, whatever the batch.
/// </summary>
/// <example><code>
/// TrainingPlan plan = TrainingPlan.For(model, (y, t) =&gt; Loss.CrossEntropy(y, t), optimizer, new(DType.Float32, [3, 224, 224]), new(DType.Int64, []));
/// Console.WriteLine(plan.At(batch: 64));
/// int batch = plan.LargestBatch();
/// </code></example>
/// <remarks>
/// Model (parameters, gradients, buffers, random streams, modes) and optimizer are afterwards what they were, on the same memory. The temporary memory of kernels is that of the
/// CPU's; a GPU's kernels may need more. A trainer's precision, loss scale, accumulation and average of weights count; clipping takes nothing. Not foreseen are a distillation's
/// teacher, the loader's next batches, what metrics and callbacks hold, and the recordings of <see cref="Trainer.CaptureSteps"/>. What runs while planning must not read numbers.
/// </remarks>
public sealed class TrainingPlan
{
    private const int MostBatch = 1 << 30;

    private TrainingPlan(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, Optimizer optimizer, SampleSpec input, SampleSpec target)
        => (Model, Loss, Optimizer, Input, Target) = (model, loss, optimizer, input, target);

    /// <summary>What the model takes, without the batch dimension.</summary>
    public SampleSpec Input { get; }

    /// <summary>What the loss compares with, without the batch dimension.</summary>
    public SampleSpec Target { get; }

    /// <summary>The precision in which the model runs; off follows what is in use on the thread.</summary>
    public MixedPrecision Precision { get; init; } = MixedPrecision.Off;

    /// <summary>Batches whose gradients make up a step: from the second on, gradients are there while the batch runs.</summary>
    public int AccumulateSteps { get; private init; } = 1;

    /// <summary>Whether the loss is scaled before the backward pass.</summary>
    public bool ScalesLoss { get; private init; }

    /// <summary>Bytes of a trainer's average of weights.</summary>
    internal long AverageBytes { get; private init; }

    internal Module<Tensor, Tensor> Model { get; }

    internal Func<Tensor, Tensor, Tensor> Loss { get; }

    internal Optimizer Optimizer { get; }

    /// <summary>A plan for training a model.</summary>
    /// <param name="model">Maps a batch of inputs to predictions; its layers know their sizes.</param>
    /// <param name="loss">(prediction, target) → [], the batch's loss.</param>
    /// <param name="optimizer">Updates the model's parameters, all or some.</param>
    /// <param name="input">An input: its type, and its shape without the batch dimension.</param>
    /// <param name="target">A target, likewise.</param>
    /// <param name="precision">The precision in which the model runs; off follows what is in use on the thread.</param>
    public static TrainingPlan For(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, Optimizer optimizer, SampleSpec input, SampleSpec target,
        MixedPrecision precision = MixedPrecision.Off)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        return new(model, loss, optimizer, input, target) { Precision = precision };
    }

    /// <summary>A plan for what a trainer is about to do, with samples as its data are. A batch is what it runs at once, several of which make up a step where it accumulates.</summary>
    public static TrainingPlan For(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        return new(trainer.Model, trainer.LossFunction, trainer.Optimizer, trainer.Data.Input, trainer.Data.Target)
        {
            Precision = trainer.Precision,
            AccumulateSteps = trainer.AccumulateSteps,
            ScalesLoss = trainer.LossScaler is not null,
            AverageBytes = trainer.Average?.Averages.Sum(average => average.Count * average.DType.Size) ?? 0,
        };
    }

    /// <summary>The memory of a step with so many samples, once the optimizer's states exist.</summary>
    /// <exception cref="ArgumentException">Model, loss and samples do not fit together; as in training.</exception>
    /// <exception cref="PlanException">The step goes by numbers, such as an op whose result's shape depends on them.</exception>
    public StepMemory At(int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        using Rehearsal rehearsal = new(this);
        return rehearsal.Step(batch);
    }

    /// <summary>The largest batch whose step fits into the memory that is free now: the machine's, or the whole of a GPU's where the model lies on one.</summary>
    /// <returns>0 if not even one sample fits.</returns>
    /// <inheritdoc cref="At" path="/exception"/>
    public int LargestBatch() => LargestBatch(FreeBytes());

    /// <summary>The largest batch whose step fits into so many bytes, parameters and optimizer included.</summary>
    /// <param name="bytes">Bytes for all of it.</param>
    /// <returns>0 if not even one sample fits.</returns>
    /// <inheritdoc cref="At" path="/exception"/>
    public int LargestBatch(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        using Rehearsal rehearsal = new(this);
        // Batch norm refuses a batch of one, which is looked at only where two do not fit.
        if (!Fits(2)) return FitsAlone() ? 1 : 0;
        int low = 2, high = 4;      // low fits
        while (high < MostBatch && Fits(high)) (low, high) = (high, 2 * high);
        while (high - low > 1)
        {
            int middle = low + (high - low) / 2;
            if (Fits(middle)) low = middle;
            else high = middle;
        }

        return low;

        bool Fits(int batch)
        {
            try
            {
                return rehearsal.Step(batch).Peak <= bytes;
            }
            catch (OverflowException)
            {
                return false;       // more than kernels can count
            }
        }

        bool FitsAlone()
        {
            try
            {
                return Fits(1);
            }
            catch (ShapeException)
            {
                return false;
            }
        }
    }

    // What the pool holds is there for the step too: the parameters lie in it.
    private long FreeBytes()
    {
        Accelerator accelerator = Model.Parameters() is [var first, ..] ? first.Accelerator : Accelerator.Default;
        if (accelerator is GpuAccelerator gpu) return gpu.Traits.Memory;
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes) + accelerator.Pool.Statistics.ReservedBytes;
    }
}
