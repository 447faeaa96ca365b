using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>The running statistics of batch norms, computed anew: what averaged weights need (Izmailov et al., 2018), since the old ones belong to other weights.</summary>
public static class BatchStatistics
{
    /// <summary>
    /// Sets the running mean and variance of every <see cref="BatchNorm"/> to the plain mean over the batches of one epoch. Nothing else of the model changes, but its
    /// random streams go on; the loader goes back to the beginning of its epoch.
    /// </summary>
    /// <param name="model">A model in whatever mode; it is restored.</param>
    /// <param name="data">What to compute them from; the training data.</param>
    /// <returns>The number of batch norms.</returns>
    public static int Recompute(Module<Tensor, Tensor> model, DataLoader data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        (BatchNorm Norm, double? Momentum)[] norms = [.. model.Walk().Select(entry => entry.Module).OfType<BatchNorm>().Select(norm => (norm, norm.Momentum))];
        if (norms.Length == 0) return 0;
        LoaderState state = data.State with { Position = 0 };
        bool training = model.IsTraining;
        data.State = state;
        model.Train();
        try
        {
            using Tape.Pause pause = Tape.NoRecord();
            double batches = 0;
            foreach (Batch batch in data)
            {
                batches++;
                foreach ((BatchNorm norm, _) in norms) norm.Momentum = 1 / batches;
                using TensorScope scope = new();
                model.Forward(batch.Input);
            }
        }
        finally
        {
            foreach ((BatchNorm norm, double? momentum) in norms) norm.Momentum = momentum;
            if (!training) model.Eval();
        }

        data.State = state;
        return norms.Length;
    }
}
