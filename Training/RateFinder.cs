using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>Looks for a learning rate by trying: a short training whose rate grows from step to step (Smith, 2017).</summary>
public static class RateFinder
{
    private const double Diverging = 4;     // a loss so many times the best one ends the search

    /// <summary>
    /// Trains with rates from <paramref name="from"/> to <paramref name="to"/>, equally spaced on a logarithmic axis, until the loss grows to four times its best.
    /// Afterwards the model, its random streams, the optimizer and the loader are as they were. Groups with a rate of their own keep it.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">(prediction, target) → [], the batch's mean loss.</param>
    /// <param name="optimizer">Updates the model's parameters.</param>
    /// <param name="data">What to learn; begins anew when an epoch is over.</param>
    /// <param name="from">The first rate.</param>
    /// <param name="to">The last rate.</param>
    /// <param name="steps">Number of steps, at least 3.</param>
    /// <param name="smoothing">β of the loss's exponential average, 0 ≤ β &lt; 1.</param>
    public static RateCurve Find(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, Optimizer optimizer, DataLoader data,
        double from = 1e-6, double to = 10, int steps = 100, double smoothing = 0.9)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(data);
        if (!(from > 0 && to > from && double.IsFinite(to))) throw new ArgumentOutOfRangeException(nameof(to), to, $"RateFinder: rates must go from a positive number to a larger one, not from {from} to {to}.");
        if (smoothing is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "RateFinder: smoothing must be at least 0 and less than 1; 0.9 is usual.");
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 3);
        using TensorScope scope = new();
        Dictionary<string, Tensor> before = model.StateDictionary().ToDictionary(entry => entry.Key, entry => entry.Value.Detach().Copy());
        (Generator Generator, GeneratorState State)[] generators = [.. model.NamedGenerators().Select(entry => (entry.Generator, entry.Generator.State))];
        using OptimizerState optimizerState = optimizer.SaveState();
        (Schedule schedule, LoaderState place, bool training) = (optimizer.Schedule, data.State, model.IsTraining);
        List<double> rates = [], losses = [];
        try
        {
            model.Train();
            Run(model, loss, optimizer, data, from, to, steps, smoothing, rates, losses);
        }
        finally
        {
            optimizer.ZeroGrad();
            model.LoadState(before);
            foreach ((Generator generator, GeneratorState state) in generators) generator.State = state;
            optimizer.Schedule = schedule;
            optimizer.LoadState(optimizerState);
            data.State = place;
            if (!training) model.Eval();
        }

        return new(rates, losses, Suggest(rates, losses));
    }

    private static void Run(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, Optimizer optimizer, DataLoader data,
        double from, double to, int steps, double smoothing, List<double> rates, List<double> losses)
    {
        double mean = 0, best = double.PositiveInfinity;
        while (true)
        {
            foreach (Batch batch in data)
            {
                double rate = from * Math.Pow(to / from, rates.Count / (steps - 1.0)), value;
                optimizer.ZeroGrad();
                optimizer.Prepare();
                using (Tape tape = new())
                {
                    Tensor result = loss(model.Forward(batch.Input), batch.Target);
                    tape.Backward(result);
                    value = result.ToDouble();
                }

                mean = smoothing * mean + (1 - smoothing) * value;
                double smooth = mean / (1 - Math.Pow(smoothing, rates.Count + 1));
                if (!double.IsFinite(smooth) || smooth > Diverging * best) return;
                rates.Add(rate);
                losses.Add(smooth);
                best = Math.Min(best, smooth);
                if (rates.Count == steps) return;
                optimizer.LearningRate = rate;
                optimizer.Step();
            }
        }
    }

    /// <summary>The middle of the steepest fall over three neighbours; the first rate if the loss never falls.</summary>
    private static double Suggest(List<double> rates, List<double> losses)
    {
        int best = 0;
        double steepest = 0;
        for (int i = 1; i + 1 < losses.Count; i++)
        {
            double fall = losses[i - 1] - losses[i + 1];
            if (fall > steepest) (steepest, best) = (fall, i);
        }

        return rates.Count == 0 ? double.NaN : rates[best];
    }
}
