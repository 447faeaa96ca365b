using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Judges the optimizer's rate by short trainings: with the rate itself, with rates 10 and 100 times lower, and, where it hardly moves the loss, with higher ones. All start from
/// the same weights and see the same batches. The size of the updates beside that of the weights is the second witness.
/// </summary>
internal static class RateCheck
{
    private const int WarmUpSteps = 10;
    private const long Horizon = 1 << 17;           // steps of a schedule to look for its highest rate
    private const double Worse = 0.5, Visible = 0.05, HardlyMoves = 0.1, BarelyMoves = 0.02, ShortUpdate = 3e-4, Leap = 1.25, Behind = 0.15, LeastBehind = 0.02, Blown = 1e3;

    public static void Run(Patient patient, Optimizer optimizer)
    {
        double rate = Peak(optimizer, out bool warmUp);
        if (rate == 0)
        {
            patient.Report(FindingKind.RateTooLow, FindingSeverity.Fault, $"{optimizer}", "The rate is 0 from here on.", new Measurement("rate", 0));
            return;
        }

        double still = Still(patient);
        double Gain(Trial trial) => still - trial.Last;
        Trial own = Try(patient, optimizer, rate, warmUp), tenth = Try(patient, optimizer, rate / 10, warmUp), hundredth = Try(patient, optimizer, rate / 100, warmUp);
        Trial lower = tenth.Last < hundredth.Last ? tenth : hundredth;
        patient.Measure("rate", rate);
        patient.Measure("update to weight", own.Update);
        patient.Measure($"loss after {patient.Options.RateSteps} steps", own.Last);
        patient.Measure("with a tenth of the rate", tenth.Last);
        patient.Measure("with a hundredth", hundredth.Last);
        // So few steps favour long ones: a rate that is right is ahead of one ten times lower.
        bool lowerLearns = Gain(lower) > Visible * Math.Abs(own.First) && own.Last > lower.Last;
        bool behind = lowerLearns && own.Last - lower.Last > Math.Max(Behind * Math.Abs(lower.Last), LeastBehind * Math.Abs(own.First));
        bool leaps = own.Last > lower.Last && own.Highest > Leap * hundredth.Highest;       // on the same batches
        bool harmed = !double.IsFinite(own.Last) || (lowerLearns && Gain(own) < Worse * Gain(lower));
        if (harmed || behind || leaps)
        {
            string way = leaps ? $"up to {own.Highest:G3} and then " : "";
            patient.Report(FindingKind.RateTooHigh, harmed ? FindingSeverity.Fault : FindingSeverity.Warning, $"{optimizer.GetType().Name}, rate {rate:G3}",
                $"In {patient.Options.RateSteps} steps the loss goes from {own.First:G3} {way}to {own.Last:G3}; with a rate {rate / lower.Rate:0} times lower it goes to {lower.Last:G3}.",
                new("rate", rate), new("update to weight", own.Update), new("highest loss on the way", own.Highest), new("better rate", lower.Rate),
                new("loss with that", lower.Last));
            return;
        }

        if (Gain(own) > HardlyMoves * Math.Abs(own.First) && own.Update > ShortUpdate) return;
        Trial[] higher = [.. new[] { 10.0, 100, 1000 }.Select(factor => Try(patient, optimizer, rate * factor, warmUp)).Where(trial => double.IsFinite(trial.Last))];
        Trial best = higher.DefaultIfEmpty(own).MinBy(trial => trial.Last);
        if (Gain(best) > Visible * Math.Abs(own.First) && (Gain(own) < BarelyMoves * Gain(best) || (Gain(own) < HardlyMoves * Gain(best) && own.Update < ShortUpdate)))
            patient.Report(FindingKind.RateTooLow, FindingSeverity.Fault, $"{optimizer.GetType().Name}, rate {rate:G3}",
                $"In {patient.Options.RateSteps} steps the loss only goes from {own.First:G4} to {own.Last:G4}; with a rate {best.Rate / rate:0} times higher it goes to {best.Last:G3}.",
                new("rate", rate), new("update to weight", own.Update), new("better rate", best.Rate), new("loss with that", best.Last));
    }

    // The highest rate that the schedule will come to.
    private static double Peak(Optimizer optimizer, out bool warmUp)
    {
        (long now, double peak) = (optimizer.StepCount, 0);
        for (long ahead = 0; ahead <= Horizon; ahead += 1 + ahead / 16) peak = Math.Max(peak, optimizer.Schedule.Rate(now + ahead));
        warmUp = optimizer.LearningRate < 0.5 * peak;
        return peak;
    }

    // The mean loss of the batches that end each trial, without any step: what the trials are measured by, since batches differ.
    private static double Still(Patient patient)
    {
        using Loan loan = new(patient.Model, quiet: false);
        int steps = patient.Options.RateSteps, count = LastQuarter(steps + 1);
        return Enumerable.Range(steps + 1 - count, count).Average(step => patient.LossOf(patient.Train.Batch(step, patient.BatchSize)));
    }

    private static int LastQuarter(int steps) => Math.Max(1, steps / 4);

    private static Trial Try(Patient patient, Optimizer optimizer, double rate, bool warmUp)
    {
        using OptimizerState state = optimizer.SaveState();
        Schedule schedule = optimizer.Schedule;
        using Loan loan = new(patient.Model, quiet: false);
        List<double> losses = [], updates = [];
        int steps = patient.Options.RateSteps;
        try
        {
            for (int step = 0; step <= steps; step++)
            {
                optimizer.LearningRate = warmUp && step < WarmUpSteps ? rate * (step + 1) / WarmUpSteps : rate;
                bool watched = step >= WarmUpSteps && step % 8 == 0;
                using TensorScope scope = new();
                (Tensor Parameter, Tensor Before)[] weights = watched ? [.. Weights(patient).Select(weight => (weight, weight.Detach().Copy()))] : [];
                double loss = patient.Step(optimizer, patient.Train.Batch(step, patient.BatchSize), patient.Options.MaxGradientNorm);
                double first = losses.FirstOrDefault(loss);
                if (!double.IsFinite(loss) || Math.Abs(loss) > Blown * Math.Max(1, Math.Abs(first))) return new(rate, first, double.PositiveInfinity, double.PositiveInfinity, double.NaN);
                losses.Add(loss);
                if (watched) updates.AddRange(weights.Select(entry => Ratio(entry.Parameter, entry.Before)));
            }
        }
        finally
        {
            optimizer.Schedule = schedule;
            optimizer.LoadState(state);
        }

        updates.Sort();
        return new(rate, losses[0], losses[^LastQuarter(losses.Count)..].Average(), losses.Max(), updates.Count == 0 ? double.NaN : updates[updates.Count / 2]);
    }

    private static IEnumerable<Tensor> Weights(Patient patient) => patient.Model.Parameters().Where(parameter => !parameter.IsFrozen && parameter.Rank >= 2);

    private static double Ratio(Tensor after, Tensor before)
    {
        using Tape.Pause pause = Tape.NoRecord();
        return (after.Detach() - before).Norm().ToDouble() / Math.Max(before.Norm().ToDouble(), 1e-30);
    }

    /// <param name="Rate">The rate.</param>
    /// <param name="First">The loss before the first step.</param>
    /// <param name="Last">The mean of the last quarter of the losses; infinite where the training broke down.</param>
    /// <param name="Highest">The highest loss on the way.</param>
    /// <param name="Update">The median of ‖ΔW‖/‖W‖ over weights and steps.</param>
    private readonly record struct Trial(double Rate, double First, double Last, double Highest, double Update);
}
