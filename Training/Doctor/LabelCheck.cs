using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Whether the targets go with the inputs. A short training with the doctor's own rate, and then samples that it has not seen: what is learnt has to beat the best answer that
/// does not look at the input. Where the training samples are learnt and the others are not, it is neither the rate nor the model.
/// </summary>
internal static class LabelCheck
{
    private const int Least = 24, Batch = 32, Groups = 24;
    private const double Significant = 3.5, Undecided = 2.5, Memorised = 0.8;        // standard errors; of the loss of a constant answer

    private static readonly double[] _looks = [1.0 / 8, 1.0 / 4, 1.0 / 2, 1];      // shares of the training after which it is judged

    public static void Run(Patient patient)
    {
        if (patient.Held.Count < Least)
        {
            patient.Skipped.Add($"whether the targets can be learnt: that takes {Least} samples to judge by, and there are {patient.Held.Count}. Give DoctorOptions.Validation or more samples.");
            return;
        }

        using TensorScope scope = new();
        Sample train = patient.Train.At(patient.Shuffled(patient.Train.Count, "labels"));
        Tensor constant;
        using (new Loan(patient.Model))
        using (Tape.NoRecord())
        {
            Tensor output = patient.Model.Forward(train.Input);
            constant = patient.Reading.BestConstant(patient.Loss, output.Shape, output.DType, train.Target);
        }

        double rate = patient.WorkingRate ?? 3e-3, trainConstant = ConstantLosses(patient, constant, [train])[0];
        Sample[] groups = Split(patient.Held);
        double[] chance = ConstantLosses(patient, constant, groups);
        Trial trial = Try(patient, train, groups, chance, rate);
        if (!trial.Generalises && !(trial.Training < Memorised * trainConstant))
        {
            Trial slower = Try(patient, train, groups, chance, rate / 10);
            if (slower.Generalises || !(slower.Training > trial.Training)) trial = slower;
        }

        patient.Measure("held-out loss beats chance by (standard errors)", trial.Gain);
        if (trial.Generalises) return;
        if (trial.Gain > Undecided)
        {
            patient.Skipped.Add($"whether the targets can be learnt: held-out samples speak for it, but only by {trial.Gain:0.0} standard errors. More samples or steps would decide it.");
            return;
        }

        bool memorises = trial.Training < Memorised * trainConstant || patient.WorkingRate is not null;
        if (!memorises)
        {
            patient.Skipped.Add("whether the targets can be learnt: the trial training learnt nothing at all.");
            return;
        }

        patient.Report(FindingKind.LabelsUnlearnable, FindingSeverity.Fault, "targets",
            "The model can learn samples by heart, so gradients, loss and rate work; but on samples that it has not seen it is no better than always giving the same answer.",
            new("training loss", trial.Training), new("held-out loss", trial.HeldOut), new("held-out loss of a constant answer", chance.Average()),
            new("gain in standard errors", trial.Gain), new("held-out samples", patient.Held.Count));
    }

    private static Trial Try(Patient patient, Sample train, Sample[] groups, double[] chance, double rate)
    {
        using Loan loan = new(patient.Model);
        using Adam optimizer = patient.NewOptimizer(rate);
        int steps = patient.Options.LabelSteps, look = 0, size = Math.Min(Batch, train.Count);
        double recent = double.NaN;
        Trial best = new(double.NaN, double.PositiveInfinity, double.NegativeInfinity);
        for (int step = 1; step <= steps; step++)
        {
            double loss = patient.Step(optimizer, train.Batch(step - 1, size));
            if (!double.IsFinite(loss)) break;
            recent = double.IsNaN(recent) ? loss : 0.9 * recent + 0.1 * loss;
            if (step < _looks[look] * steps) continue;
            look++;
            (double heldOut, double gain) = Judge(patient, groups, chance);
            if (gain > best.Gain) best = new(recent, heldOut, gain);
            if (best.Generalises) return best;
        }

        return best with { Training = recent };
    }

    // The gain over the constant answer, in standard errors of its mean over groups of samples.
    private static (double HeldOut, double Gain) Judge(Patient patient, Sample[] groups, double[] chance)
    {
        patient.Model.Eval();
        double[] losses = [.. groups.Select(patient.LossOf)], gains = [.. losses.Select((loss, i) => chance[i] - loss)];
        patient.Model.Train();
        double mean = gains.Average(), variance = gains.Sum(gain => (gain - mean) * (gain - mean)) / (gains.Length - 1);
        return (losses.Average(), double.IsFinite(mean) ? mean / Math.Max(Math.Sqrt(variance / gains.Length), 1e-12) : double.NegativeInfinity);
    }

    private static Sample[] Split(Sample held)
    {
        int size = Math.Max(1, held.Count / Groups);
        return [.. Enumerable.Range(0, held.Count / size).Select(i => held.Rows(i * size, size))];
    }

    private static double[] ConstantLosses(Patient patient, Tensor constant, Sample[] samples)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        using Loan loan = new(patient.Model);
        return [.. samples.Select(sample => patient.Loss(constant.Expand(patient.Model.Forward(sample.Input).Shape).Copy(), sample.Target).ToDouble())];
    }

    private readonly record struct Trial(double Training, double HeldOut, double Gain)
    {
        public bool Generalises => Gain > Significant;
    }
}
