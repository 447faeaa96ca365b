using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Whether the targets go with the inputs. A short training with the doctor's own rate, and then samples that it has not seen: their loss has to be lower than with other samples'
/// targets. Where the training samples are learnt and the others are not, it is neither the rate nor the model; whether it is the targets or only too few of them, control targets
/// tell that certainly depend on the inputs.
/// </summary>
internal static class LabelCheck
{
    private const int Least = 24, Batch = 32, Teachers = 3, Exchanges = 2;
    private const double UsualRate = 3e-3, Known = 0.01, Learnt = 0.05, Undecided = 0.02;

    private static readonly double[] _looks = [1.0 / 8, 1.0 / 4, 1.0 / 2, 1];      // shares of the training after which it is judged

    public static void Run(Patient patient)
    {
        if (patient.Held.Count < Least)
        {
            patient.Skipped.Add($"whether the targets can be learnt: that takes {Least} samples to judge by, and there are {patient.Held.Count}. Give DoctorOptions.Validation or more samples.");
            return;
        }

        using TensorScope scope = new();
        Sample train = patient.Train.At(patient.Shuffled(patient.Train.Count, "labels")), held = patient.Held;
        double rate = patient.WorkingRate ?? UsualRate;
        Trial trial = Try(patient, train, held, rate);
        if (!trial.Generalises && !trial.Memorises && Try(patient, train, held, rate / 10) is var slower && (slower.Generalises || slower.Memorises)) (trial, rate) = (slower, rate / 10);
        patient.Measure("chance of so low a held-out loss", trial.Held.Chance);
        if (trial.Generalises) return;
        if (!trial.Memorises)
        {
            patient.Skipped.Add("whether the targets can be learnt: the trial training learnt nothing at all.");
            return;
        }

        if (!LearnsControl(patient, train, held, rate, out Pairing known)) return;

        // A second opinion, and a third where these two do not decide it: other samples are held back. Validation data are not learnt from.
        List<Trial> opinions = [trial];
        for (int part = 0; part < Exchanges && patient.Options.Validation is null && (part == 0 || IsUndecided(opinions)); part++)
        {
            (Sample rest, Sample others) = Exchanged(train, held, part);
            opinions.Add(Try(patient, rest, others, rate));
        }

        if (opinions.Exists(opinion => opinion.Generalises) || IsUndecided(opinions))
        {
            patient.Skipped.Add("whether the targets can be learnt: some held-out samples speak for it, others do not. More samples or steps would decide it.");
            return;
        }

        patient.Report(FindingKind.LabelsUnlearnable, FindingSeverity.Fault, "targets",
            "The model learns training samples, so gradients, loss and rate work; but on samples that it has not seen it does no better than with other samples' targets. Made-up targets that depend on the same inputs it learns.",
            new("training loss", trial.Training.Loss), new("held-out loss", trial.Held.Loss), new("held-out loss with other samples' targets", trial.Held.Repaired),
            new("chance of so low a held-out loss", trial.Held.Chance), new("of so low a loss of others", opinions[^1].Held.Chance), new("held-out samples", held.Count), new("held-out loss of made-up targets", known.Loss),
            new("of these with others' targets", known.Repaired));
        patient.Soften(FindingKind.CannotOverfit);      // samples that have nothing to do with their targets are hard to learn by heart
    }

    // Whether targets that certainly depend on the inputs are learnt with so many samples and steps: those of one teacher or another.
    private static bool LearnsControl(Patient patient, Sample train, Sample held, double rate, out Pairing known)
    {
        known = default;
        for (int teacher = 0; teacher < Teachers; teacher++)
        {
            using TensorScope scope = new();
            if (ControlTargets.Of(patient, train, held, teacher) is not { } control)
            {
                patient.Skipped.Add("whether the targets can be learnt: held-out samples do not show it, and for outputs like these there is nothing to compare with.");
                return false;
            }

            known = Try(patient, control.Train, control.Held, rate).Held;
            if (known.Chance <= Known) return true;
        }

        patient.Skipped.Add("whether the targets can be learnt: held-out samples do not show it, but neither would they where targets certainly depend on the inputs. That takes more samples or steps.");
        return false;
    }

    // Together the held-out samples go with their targets better than chance would have it.
    private static bool IsUndecided(IReadOnlyCollection<Trial> opinions) => opinions.Aggregate(1.0, (chance, opinion) => chance * opinion.Held.Chance) <= Math.Pow(Undecided, opinions.Count);

    // As many held-out samples as before, a part of those that were learnt.
    private static (Sample Train, Sample Held) Exchanged(Sample train, Sample held, int part)
    {
        int count = Math.Min(held.Count, train.Count / Exchanges);
        Sample[] rest = [train.Rows(0, part * count), train.Rows((part + 1) * count, train.Count - (part + 1) * count), held];
        return (new(Tensor.Concat([.. rest.Select(sample => sample.Input)]), Tensor.Concat([.. rest.Select(sample => sample.Target)])), train.Rows(part * count, count));
    }

    // Ends as soon as held-out samples show that something is learnt; otherwise the best of the looks.
    private static Trial Try(Patient patient, Sample train, Sample held, double rate)
    {
        using Loan loan = new(patient.Model);
        using Adam optimizer = patient.NewOptimizer(rate);
        int steps = patient.Options.LabelSteps, look = 0, size = Math.Min(Batch, train.Count);
        Pairing best = new(double.NaN, double.NaN, 1);
        for (int step = 1; step <= steps; step++)
        {
            if (!double.IsFinite(patient.Step(optimizer, train.Batch(step - 1, size)))) break;
            if (step < _looks[look] * steps) continue;
            look++;
            Pairing now = Pairing.Of(patient, held);
            if (now.Chance < best.Chance || double.IsNaN(best.Loss)) best = now;
            if (best.IsSignificant) return new(best, best);
        }

        return new(Pairing.Of(patient, train), best);
    }

    private readonly record struct Trial(Pairing Training, Pairing Held)
    {
        public bool Generalises => Held.IsSignificant;
        public bool Memorises => Training.Chance <= Learnt;
    }
}
