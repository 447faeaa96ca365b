using System.Globalization;

namespace Gradwright.Training;

/// <summary>The memory of a training step, in bytes, as <see cref="TrainingPlan"/> foresees it. <c>ToString</c> makes a table of it.</summary>
/// <param name="Batch">Samples in the batch.</param>
/// <param name="Parameters">What is trained, and what is frozen.</param>
/// <param name="Buffers">State that is not trained, such as a batch norm's averages.</param>
/// <param name="Gradients">One per parameter that gets one.</param>
/// <param name="OptimizerState">Momentum and the like, which exist from the first step on.</param>
/// <param name="Averages">A trainer's average of weights, a copy of each parameter that it averages; 0 without one.</param>
/// <param name="Samples">The batch's inputs and targets.</param>
/// <param name="Activations">What the forward pass keeps for the backward pass (<see cref="Tape.SavedBytes"/>); the inputs count here too where a derivative needs them.</param>
/// <param name="Peak">The most that is alive at once, all of the above included. The parts are not alive all at once, so this is not their sum: gradients come while activations go.</param>
public sealed record StepMemory(int Batch, long Parameters, long Buffers, long Gradients, long OptimizerState, long Averages, long Samples, long Activations, long Peak)
{
    /// <summary>A line per part, in megabytes of 10⁶ bytes.</summary>
    public override string ToString()
    {
        (string Name, long Bytes)[] rows =
        [
            ("parameters", Parameters), ("buffers", Buffers), ("gradients", Gradients), ("optimizer state", OptimizerState), ("averages", Averages),
            ("samples", Samples), ("activations", Activations), ("peak of a step", Peak),
        ];
        string title = string.Create(CultureInfo.InvariantCulture, $"Memory of a training step with a batch of {Batch}");
        return string.Join('\n', rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"  {row.Name,-16}{row.Bytes / 1e6,14:N2} MB")).Prepend(title));
    }
}
