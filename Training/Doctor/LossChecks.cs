namespace Gradwright.Training;

/// <summary>The first loss, and what a penalty does to it.</summary>
internal static class LossChecks
{
    private const int Samples = 256;
    private const double TooHigh = 1.5, TooLow = 0.7, FarAbove = 100, Dominant = 1;

    public static void Run(Patient patient)
    {
        using Loan loan = new(patient.Model);
        Sample sample = patient.Train.Rows(0, Math.Min(Samples, patient.Train.Count));
        double loss = patient.LossOf(sample), expected = patient.Options.ExpectedInitialLoss ?? patient.Reading.Expected;
        patient.Measure("initial loss", loss);
        if (double.IsFinite(expected)) patient.Measure("expected", expected);
        if (!double.IsFinite(loss))
            patient.Report(FindingKind.InitialLoss, FindingSeverity.Fault, "the loss", $"The first loss is {loss}.", new Measurement("loss", loss));
        else if (!patient.Options.IsTrained) First(patient, sample, loss, expected);
        if (patient.Options.Penalty is { } penalty) Penalty(patient, penalty, loss);
    }

    private static void First(Patient patient, Sample sample, double loss, double expected)
    {
        Measurement entropy = new("entropy of the targets", patient.Measurements.Find(m => m.Name == "entropy of the targets").Value);
        if (double.IsFinite(expected))
        {
            if (loss > TooHigh * expected)
                patient.Report(FindingKind.InitialLoss, FindingSeverity.Warning, "the loss",
                    $"The first loss is {loss:G3} where a model that knows nothing has {expected:G3}: it is sure of wrong answers.",
                    new("loss", loss), new("expected", expected), entropy);
            else if (loss < TooLow * expected)
                patient.Report(FindingKind.InitialLoss, FindingSeverity.Note, "the loss",
                    $"The first loss is {loss:G3} where a model that knows nothing has {expected:G3}: it was trained before, or the inputs hold the answers.",
                    new("loss", loss), new("expected", expected), entropy);
            return;
        }

        if (patient.Reading.Kind != LossKind.Distance) return;
        using TensorScope scope = new();
        double constant = ConstantLoss(patient, sample);
        if (loss > FarAbove * constant)
            patient.Report(FindingKind.TargetsNotNormalised, FindingSeverity.Warning, "targets",
                $"The first loss is {loss / constant:G3} times that of always predicting the targets' mean.", new("loss", loss), new("of the mean", constant));
    }

    /// <summary>The loss of the best answer that does not look at the input.</summary>
    public static double ConstantLoss(Patient patient, Sample sample)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        Tensor output = patient.Model.Forward(sample.Input);
        Tensor constant = patient.Reading.BestConstant(patient.Loss, output.Shape, output.DType, sample.Target);
        return patient.Loss(constant.Expand(output.Shape).Copy(), sample.Target).ToDouble();
    }

    private static void Penalty(Patient patient, Func<Tensor> penalty, double loss)
    {
        double value;
        bool recorded;
        using (Tape tape = new())
        {
            Tensor result = penalty();
            (value, recorded) = (result.ToDouble(), tape.Takes(result));
        }

        patient.Measure("penalty", value);
        if (!(value > 0) || !recorded)
            patient.Report(FindingKind.Regularisation, FindingSeverity.Fault, "the penalty", recorded ? $"The penalty is {value:G3}, so it does not raise the loss."
                : "The penalty has no gradient: it does not depend on a parameter that is trained.",
                new("penalty", value), new("loss without it", loss), new("loss with it", loss + value));
        else if (value > Dominant * Math.Abs(loss))
            patient.Report(FindingKind.Regularisation, FindingSeverity.Warning, "the penalty", "The penalty outweighs the loss of the data.", new("penalty", value),
                new("loss without it", loss), new("loss with it", loss + value));
    }
}
