using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Judges the optimizer's rate by short trainings: with the rate itself, with rates 10 and 100 times lower, and, where it hardly moves the loss, with higher ones. All start from
/// the same weights and see the same batches. The size of the updates and the growth of the weights are the second witnesses.
/// </summary>
internal static class RateCheck
{
    private const int WarmUpSteps = 10, Measured = 128, Looks = 4, Longer = 4;
    private const long Horizon = 1 << 17;           // steps of a schedule to look for its highest rate
    private const double Worse = 0.5, Visible = 0.05, HardlyMoves = 0.1, BarelyMoves = 0.02, SmallPart = 0.25, ShortUpdate = 3e-4, Leap = 1.25, Behind = 0.15, LeastBehind = 0.02, Blown = 1e3, Swollen = 3;

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
        // A part of the loss that is left, or, where 0 need not be the least there can be, of what was gained.
        double Scale(Trial trial) => patient.Reading.Kind is LossKind.Other or LossKind.LogLikelihood ? Gain(trial) : Math.Abs(trial.Last);
        int steps = patient.Options.RateSteps;
        Trial own = Try(patient, optimizer, rate, warmUp, steps), tenth = Try(patient, optimizer, rate / 10, warmUp, steps), hundredth = Try(patient, optimizer, rate / 100, warmUp, steps);
        Trial lower = tenth.Last < hundredth.Last ? tenth : hundredth;
        patient.Measure("rate", rate);
        patient.Measure("update to weight", own.Update);
        patient.Measure("growth of the weights", own.Growth);
        patient.Measure($"loss after {steps} steps", own.Last);
        patient.Measure("with a tenth of the rate", tenth.Last);
        patient.Measure("with a hundredth", hundredth.Last);
        // So few steps favour long ones: a rate that is right is ahead of one ten times lower.
        bool lowerLearns = Gain(lower) > Visible * Math.Abs(own.First) && own.Last > lower.Last;
        bool behind = lowerLearns && IsBehind(own, lower, Scale(lower));
        bool leaps = own.Last > lower.Last && own.Highest > Leap * hundredth.Highest;       // on the same batches
        bool swells = own.Growth > Swollen && !(IsAhead(own, tenth) && Later(patient, optimizer, rate, tenth.Rate, warmUp) is var later && IsAhead(later.Own, later.Lower));
        bool harmed = !double.IsFinite(own.Last) || (lowerLearns && Gain(own) < Worse * Gain(lower));
        if (behind && !harmed && !leaps && !swells)
        {
            (Trial late, Trial lowerLate) = Later(patient, optimizer, rate, lower.Rate, warmUp);
            behind = IsBehind(late, lowerLate, Scale(lowerLate));
        }

        if (harmed || behind || leaps || swells)
        {
            string weights = swells ? $" Meanwhile the weights grow to {own.Growth:0.0} times what they were." : "";
            string way = leaps ? $"up to {own.Highest:G3} and then " : "";
            patient.Report(FindingKind.RateTooHigh, harmed ? FindingSeverity.Fault : FindingSeverity.Warning, $"{optimizer.GetType().Name}, rate {rate:G3}",
                $"In {steps} steps the loss goes from {own.First:G3} {way}to {own.Last:G3}; with a rate {rate / lower.Rate:0} times lower it goes to {lower.Last:G3}.{weights}",
                new("rate", rate), new("update to weight", own.Update), new("growth of the weights", own.Growth), new("highest loss on the way", own.Highest), new("better rate", lower.Rate),
                new("loss with that", lower.Last));
            return;
        }

        if (Gain(own) > HardlyMoves * Math.Abs(own.First) && own.Update > ShortUpdate) return;
        Trial best = BestOfHigher(patient, optimizer, rate, warmUp, steps, own);
        bool tooLow = Gain(best) > Visible * Math.Abs(own.First) && (Gain(own) < BarelyMoves * Gain(best) || (Gain(own) < HardlyMoves * Gain(best) && own.Update < ShortUpdate));
        if (!tooLow && own.Update < ShortUpdate)
        {
            // Some models take long to begin. Both are then measured by the same first loss.
            steps *= Longer;
            own = Try(patient, optimizer, rate, warmUp, steps);
            best = BestOfHigher(patient, optimizer, rate, warmUp, steps, own);
            tooLow = own.Update < ShortUpdate && own.First - own.Last < SmallPart * (own.First - best.Last) && own.Last - best.Last > 2 * Visible * Math.Abs(own.First);
        }

        if (tooLow)
            patient.Report(FindingKind.RateTooLow, FindingSeverity.Fault, $"{optimizer.GetType().Name}, rate {rate:G3}",
                $"In {steps} steps the loss only goes from {own.First:G4} to {own.Last:G4}; with a rate {best.Rate / rate:0} times higher it goes to {best.Last:G3}.",
                new("rate", rate), new("update to weight", own.Update), new("better rate", best.Rate), new("loss with that", best.Last));
    }

    private static Trial BestOfHigher(Patient patient, Optimizer optimizer, double rate, bool warmUp, int steps, Trial own)
        => new[] { 10.0, 100, 1000 }.Select(factor => Try(patient, optimizer, rate * factor, warmUp, steps)).Where(trial => double.IsFinite(trial.Last)).DefaultIfEmpty(own).MinBy(trial => trial.Last);

    // On the batches and on a sample that stays the same.
    private static bool IsAhead(Trial own, Trial lower) => own.Last < lower.Last && own.Measured < lower.Measured;

    private static bool IsBehind(Trial own, Trial lower, double scale) => own.Last - lower.Last > Math.Max(Behind * scale, LeastBehind * Math.Abs(own.First));

    // A long first step may cost no more than some steps; weights may grow for good reasons, or so that the first gains are soon overtaken.
    private static (Trial Own, Trial Lower) Later(Patient patient, Optimizer optimizer, double rate, double lowerRate, bool warmUp)
    {
        int steps = Longer * patient.Options.RateSteps;
        return (Try(patient, optimizer, rate, warmUp, steps), Try(patient, optimizer, lowerRate, warmUp, steps));
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

    private static Trial Try(Patient patient, Optimizer optimizer, double rate, bool warmUp, int steps)
    {
        using OptimizerState state = optimizer.SaveState();
        Schedule schedule = optimizer.Schedule;
        using Loan loan = new(patient.Model, quiet: false);
        List<double> losses = [], updates = [], measured = [];
        Sample sample = patient.Train.Rows(0, Math.Min(Measured, patient.Train.Count));
        double[] sizes = [.. Weights(patient).Select(Size)];
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
                if (!double.IsFinite(loss) || Math.Abs(loss) > Blown * Math.Max(1, Math.Abs(first))) return new(rate, first, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.NaN, double.PositiveInfinity);
                losses.Add(loss);
                if ((steps - step) % Math.Max(1, LastQuarter(steps) / Looks) == 0 && step > steps - LastQuarter(steps)) measured.Add(Quiet(patient, sample));
                if (watched) updates.AddRange(weights.Select(entry => Ratio(entry.Parameter, entry.Before)));
            }
        }
        finally
        {
            optimizer.Schedule = schedule;
            optimizer.LoadState(state);
        }

        double growth = Median(Weights(patient).Select((weight, i) => Size(weight) / Math.Max(sizes[i], Usual(weight))));
        return new(rate, losses[0], losses[^LastQuarter(losses.Count)..].Average(), measured.Average(), losses.Max(), Median(updates), growth);
    }

    private static IEnumerable<Tensor> Weights(Patient patient) => patient.Model.Parameters().Where(parameter => !parameter.IsFrozen && parameter.Rank >= 2);

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : double.NaN;

    private static double Size(Tensor weight)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        return weight.Detach().Norm().ToDouble();
    }

    // The norm at which layers start as a rule: variance 1 / (3 fan-in). Smaller ones may well grow.
    private static double Usual(Tensor weight) => Math.Sqrt(weight.Shape[0] / 3.0);

    // The loss without dropout.
    private static double Quiet(Patient patient, Sample sample)
    {
        using ModelModes modes = new(patient.Model);
        Loan.Quieten(patient.Model);
        return patient.LossOf(sample);
    }

    private static double Ratio(Tensor after, Tensor before)
    {
        using Tape.Pause pause = Tape.NoRecord();
        return (after.Detach() - before).Norm().ToDouble() / Math.Max(before.Norm().ToDouble(), 1e-30);
    }

    /// <param name="Rate">The rate.</param>
    /// <param name="First">The loss before the first step.</param>
    /// <param name="Last">The mean of the last quarter of the losses; infinite where the training broke down.</param>
    /// <param name="Measured">The mean loss of the same samples, without dropout, in the last quarter of the steps.</param>
    /// <param name="Highest">The highest loss on the way.</param>
    /// <param name="Update">The median of ‖ΔW‖/‖W‖ over weights and steps.</param>
    /// <param name="Growth">The median of the weights' norms beside those at the beginning, or the usual ones where they are larger.</param>
    private readonly record struct Trial(double Rate, double First, double Last, double Measured, double Highest, double Update, double Growth);
}
