namespace Gradwright.Training;

/// <summary>Reads the curves of a training as the courses teach to.</summary>
internal static class CurveReader
{
    private const int Least = 4;                    // epochs that make a curve
    private const double Flat = 0.02, HardlyMoved = 0.05, Slow = 0.2, Rising = 1.1, Gap = 0.1, Straight = 0.6,
        High = 0.7, RateDrop = 0.5, FastPerEpoch = 0.03, Spike = 3, ManySpikes = 0.02, Leap = 1.5;

    /// <param name="training">The loss of each epoch.</param>
    /// <param name="validation">Likewise; empty without validation.</param>
    /// <param name="rates">The rate at the end of each epoch; empty if unknown.</param>
    /// <param name="steps">The losses of single steps, as far as they are known.</param>
    public static List<Finding> Read(double[] training, double[] validation, double[] rates, IReadOnlyList<double> steps)
    {
        List<Finding> findings = [];
        if (Array.Exists(training, loss => !double.IsFinite(loss)) || steps.Any(loss => !double.IsFinite(loss)))
        {
            findings.Add(new(FindingKind.RateTooHigh, FindingSeverity.Fault, "the training loss", "The loss is not finite.", []));
            return findings;
        }

        // Means over epochs follow from what single steps tell.
        if (!Leaps(steps, findings) && !Spikes(steps, findings) && training.Length >= Least && Course(training, rates) is { } course) findings.Add(course);
        if (training.Length >= Least && validation.Length == training.Length && !Array.Exists(validation, double.IsNaN)) Overfitting(training, validation, findings);
        return findings;
    }

    // What the training losses tell; the first that applies.
    private static Finding? Course(double[] training, double[] rates)
    {
        double first = training[0], last = training[^1], fall = (first - last) / Math.Abs(first), swings = Swings(training);
        Measurement[] course = [new("first epoch", first), new("last epoch", last), .. rates.TakeLast(1).Select(rate => new Measurement("rate", rate))];
        if (fall < -Flat || (fall < Flat && swings > 2 * Flat) || swings > Math.Max(0.5 * fall, 5 * Flat))
            return Found(FindingKind.RateTooHigh, "The loss goes up and down from epoch to epoch instead of falling.", new Measurement("rises in all, relative", swings));
        if (DecayedTooEarly(training, rates) is { } early) return early;
        if (fall < HardlyMoved) return Found(FindingKind.RateTooLow, "The loss hardly moves.");
        if (IsStraight(training, fall))
        {
            Finding slow = Found(FindingKind.RateTooLow, "The loss still falls in a straight line: steps are short, or the training ended before its time.");
            return fall < Slow ? slow : slow with { Severity = FindingSeverity.Note };
        }

        bool rests = last > High * first && Math.Abs(last - training[^(training.Length / 3 + 1)]) < Flat * first;
        return rests ? Found(FindingKind.Underfitting, "The loss has come to rest not far below where it began, on the training data themselves.") : null;

        Finding Found(FindingKind kind, string observation, params ReadOnlySpan<Measurement> more)
            => new(kind, FindingSeverity.Warning, "the training loss", observation, [.. course, .. more]);
    }

    // Too long steps throw the loss far above where it began before they let it fall. Means of four steps, since batches differ.
    private static bool Leaps(IReadOnlyList<double> steps, List<Finding> findings)
    {
        const int Mean = 4;
        if (steps.Count < 4 * Mean) return false;
        double highest = Enumerable.Range(1, Math.Max(1, steps.Count / 4)).Max(i => steps.Skip(i).Take(Mean).Average());
        if (!(highest > Leap * Math.Abs(steps[0]))) return false;
        findings.Add(new(FindingKind.RateTooHigh, FindingSeverity.Warning, "the losses of the first steps",
            $"The loss leaps from {steps[0]:G3} to {highest:G3} before it falls.", [new("first loss", steps[0]), new("highest mean of 4 steps", highest)]));
        return true;
    }

    private static bool Spikes(IReadOnlyList<double> steps, List<Finding> findings)
    {
        const int Window = 16;
        int spikes = 0;
        for (int i = Window; i < steps.Count; i++)
        {
            double[] before = [.. steps.Skip(i - Window).Take(Window).Order()];
            if (steps[i] > Spike * before[Window / 2] && steps[i] > steps[0]) spikes++;
        }

        if (spikes <= ManySpikes * steps.Count) return false;
        findings.Add(new(FindingKind.RateTooHigh, FindingSeverity.Warning, "the losses of single steps",
            $"{spikes} of {steps.Count} losses are more than {Spike} times the median of those before.", [new("spikes", spikes), new("steps", steps.Count)]));
        return true;
    }

    // How far the curve rises in all, beside its first value.
    private static double Swings(double[] curve) => Enumerable.Range(1, curve.Length - 1).Sum(i => Math.Max(0, curve[i] - curve[i - 1])) / Math.Abs(curve[0]);

    // Its last third falls almost as fast as its first, and most of the way is still ahead.
    private static bool IsStraight(double[] curve, double fall)
    {
        int third = curve.Length / 3;
        double early = curve[0] - curve[third], late = curve[^(third + 1)] - curve[^1];
        return fall < 0.5 && early > 0 && late > Straight * early;
    }

    private static Finding? DecayedTooEarly(double[] training, double[] rates)
    {
        for (int k = 1; k + 2 < rates.Length; k++)
        {
            if (!(rates[k + 1] < RateDrop * rates[k])) continue;
            double before = (training[k - 1] - training[k]) / training[k - 1], after = (training[k + 1] - training[^1]) / training[k + 1] / (training.Length - k - 2);
            if (before > FastPerEpoch && after < before / 4)
                return new(FindingKind.DecayedTooEarly, FindingSeverity.Warning, $"epoch {k + 2}",
                    $"The rate fell from {rates[k]:G3} to {rates[k + 1]:G3} while the loss still fell by {before:P0} per epoch; afterwards it fell by {after:P1}.",
                    [new("rate before", rates[k]), new("rate after", rates[k + 1]), new("fall per epoch before", before), new("fall per epoch after", after)]);
        }

        return null;
    }

    private static void Overfitting(double[] training, double[] validation, List<Finding> findings)
    {
        int best = Array.IndexOf(validation, validation.Min());
        if (best >= validation.Length - 1 || validation[^1] < Rising * validation[best] || training[^1] >= training[best]) return;
        if (validation[^1] - training[^1] < Gap * Math.Abs(validation[^1])) return;
        findings.Add(new(FindingKind.Overfitting, FindingSeverity.Warning, "the validation loss",
            $"It was best in epoch {best + 1} and has risen since, while the training loss fell on.",
            [new("best", validation[best]), new("last", validation[^1]), new("training loss then", training[best]), new("training loss at the end", training[^1])]));
    }
}
