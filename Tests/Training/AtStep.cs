using Gradwright.Training;

namespace Gradwright.Tests.Training;

/// <summary>Does something after a step.</summary>
internal sealed class AtStep(long step, Action<Trainer> action) : ITrainingCallback
{
    public void StepEnded(Trainer trainer, double loss)
    {
        if (trainer.Step == step) action(trainer);
    }
}
