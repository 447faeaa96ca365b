using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>A model that works learns twenty samples by heart. The doctor's own Adam does it on a copy, so that the user's rate plays no part.</summary>
internal static class OverfitCheck
{
    private const int Samples = 20, FirstLook = 100;
    private const double Learnt = 0.1, LearntTokens = 0.3, Hopeless = 0.98;     // shares of what there is to learn that are left

    private static readonly double[] _rates = [3e-3, 3e-4, 3e-2];

    public static void Run(Patient patient)
    {
        using TensorScope scope = new();
        Sample sample = patient.Train.At(patient.Shuffled(patient.Train.Count, "overfit").AsSpan(0, Math.Min(Samples, patient.Train.Count)));
        double floor, constant;
        using (new Loan(patient.Model))
        using (Tape.NoRecord())
        {
            Tensor output = patient.Model.Forward(sample.Input);
            floor = patient.Reading.Floor(patient.Loss, output.Shape, output.DType, sample.Target);
            constant = LossChecks.ConstantLoss(patient, sample);
        }

        if (!double.IsFinite(floor) || constant - floor <= 1e-6 * Math.Max(1, Math.Abs(constant)))
        {
            patient.Skipped.Add("learning twenty samples by heart: nothing is known of how small this loss can be, or all targets are alike.");
            return;
        }

        // The first tokens of a text cannot be told from those before them, whoever learns them.
        double goal = sample.Target.Rank > 1 && !sample.Target.DType.IsFloating ? LearntTokens : Learnt, best = double.PositiveInfinity;
        foreach (double rate in _rates)
        {
            (double left, int steps) = Try(patient, sample, rate, floor, constant, goal);
            best = Math.Min(best, left);
            if (left > goal) continue;
            patient.WorkingRate = rate;
            patient.Measure("steps to learn twenty samples", steps);
            return;
        }

        patient.Report(FindingKind.CannotOverfit, FindingSeverity.Fault, "the model with its loss",
            $"After {patient.Options.OverfitSteps} steps of Adam on {sample.Count} samples {best:P0} of the loss are left, whatever the rate.",
            new("share left", best), new("loss", floor + best * (constant - floor)), new("loss of a constant answer", constant), new("least possible loss", floor),
            new("samples", sample.Count));
    }

    private static (double Left, int Steps) Try(Patient patient, Sample sample, double rate, double floor, double constant, double goal)
    {
        using Loan loan = new(patient.Model);
        using Adam optimizer = patient.NewOptimizer(rate);
        double least = double.PositiveInfinity;
        for (int step = 0; step <= patient.Options.OverfitSteps; step++)
        {
            double left = (patient.Step(optimizer, sample) - floor) / (constant - floor);
            if (!double.IsFinite(left)) break;
            least = Math.Min(least, left);
            if (left <= goal) return (left, step);
            if (step == FirstLook && least > Hopeless) break;
        }

        return (least, patient.Options.OverfitSteps);
    }
}
