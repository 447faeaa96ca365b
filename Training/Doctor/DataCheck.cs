namespace Gradwright.Training;

/// <summary>Cheap looks at the data: what is not finite, scales, classes.</summary>
internal static class DataCheck
{
    private const double LargestScale = 10, FarFromCentre = 3, FeatureContrast = 1000, LargestTarget = 30, MostFrequent = 0.9, InRuns = 0.9, LeastShare = 1e-3, Balanced = 0.9;
    private const int Ignored = -100;      // a target that leaves its sample out, by custom

    /// <summary>Whether the data can be computed with at all.</summary>
    public static bool Run(Patient patient)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        bool usable = IsFinite(patient, patient.Train.Input, "inputs") & IsFinite(patient, patient.Train.Target, "targets");
        if (!usable || !patient.Options.Checks.HasFlag(DoctorChecks.Data)) return usable;
        if (patient.Train.Input.DType.IsFloating) Scale(patient, patient.Train.Input.Cast(DType.Float64));
        return true;
    }

    /// <summary>Whether the targets are ones that outputs can be compared with, which the first samples have.</summary>
    public static bool TargetsFit(Patient patient, Shape output)
    {
        Tensor target = patient.Train.Target;
        if (target.DType.IsFloating || LossReading.ClassAxes(output, patient.Train.Rows(0, Math.Min(patient.Train.Count, (int)output[0])).Target) is not [int axis, ..]) return true;
        long[] labels = [.. HostValues.Integers(target), .. HostValues.Integers(patient.Held.Target)];
        long classes = output[axis], least = labels.Min(), most = labels.Max();
        int outside = labels.Count(label => label != Ignored && (label < 0 || label >= classes));
        if (outside == 0 || Accepts(patient, output, label => label != Ignored && (label < 0 || label >= classes))) return true;
        patient.Report(FindingKind.TargetsOutOfRange, FindingSeverity.Fault, "targets",
            $"The model has {classes} outputs, so classes go from 0 to {classes - 1}, but targets go from {least} to {most}.",
            new("smallest", least), new("largest", most), new("outputs", classes), new("samples outside", outside));
        return false;
    }

    // A loss of the user's own may know what to do with them, such as grades that are counted by thresholds.
    private static bool Accepts(Patient patient, Shape output, Predicate<long> isOutside)
    {
        using TensorScope scope = new();
        foreach (Sample samples in (Sample[])[patient.Train, patient.Held])
        {
            long[] labels = HostValues.Integers(samples.Target);
            int place = Array.FindIndex(labels, isOutside);
            if (place < 0) continue;
            Sample one = samples.Rows(place / (labels.Length / samples.Count), 1);
            Tensor zeros = Tensor.Zeros([1, .. output.Span[1..]], accelerator: one.Target.Accelerator);
            return double.IsFinite(LossReading.At(patient.Loss, zeros, one.Target));
        }

        return false;
    }

    /// <summary>How the targets are spread, once it is known what they are.</summary>
    public static void Targets(Patient patient)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        (Tensor target, LossReading reading) = (patient.Train.Target, patient.Reading);
        if (reading.ClassAxis >= 0 && !target.DType.IsFloating)
        {
            double[] shares = Shares(HostValues.Integers(target), reading.Classes);
            double entropy = -shares.Where(share => share > 0).Sum(share => share * Math.Log(share));
            patient.Measure("classes", reading.Classes);
            patient.Measure("entropy of the targets", entropy);
            if (target.Rank == 1 && shares.Max() >= MostFrequent && patient.Options.Checks.HasFlag(DoctorChecks.Data) && !Balances(patient, shares))
                patient.Report(FindingKind.ClassImbalance, FindingSeverity.Warning, "targets", $"Class {Array.IndexOf(shares, shares.Max())} has {shares.Max():P0} of the samples.",
                    new("largest share", shares.Max()), new("smallest share", shares.Min()), new("entropy", entropy), new("ln C", Math.Log(reading.Classes)));
            if (target.Rank == 1 && patient.Options.Checks.HasFlag(DoctorChecks.Data)) Order(patient, shares);
        }
        else if (reading.Kind == LossKind.Distance && patient.Options.Checks.HasFlag(DoctorChecks.Data))
        {
            Tensor values = target.Cast(DType.Float64);
            double mean = values.Mean().ToDouble(), deviation = values.StandardDeviation(correction: 0).ToDouble();
            if (deviation > LargestTarget || Math.Abs(mean) > LargestTarget && Math.Abs(mean) > FarFromCentre * deviation)
                patient.Report(FindingKind.TargetsNotNormalised, FindingSeverity.Warning, "targets", "The numbers to be predicted are large beside a new model's outputs.",
                    new("mean", mean), new("standard deviation", deviation));
        }
    }

    // A loss that weights the classes gains nothing by answers that follow their shares.
    private static bool Balances(Patient patient, double[] shares)
    {
        Tensor target = patient.Train.Target, scores = Tensor.From(Array.ConvertAll(shares, share => (float)Math.Log(Math.Max(share, LeastShare))), [1, shares.Length], target.Accelerator);
        return patient.Reading.Kind == LossKind.CrossEntropy && LossReading.At(patient.Loss, scores.Expand([target.Count, shares.Length]).Copy(), target) > Balanced * patient.Reading.AtZero;
    }

    // How often a sample has the class of the one before, and how often it would by chance.
    private static void Order(Patient patient, double[] shares)
    {
        long[] labels = HostValues.Integers(patient.OrderedTargets);
        double chance = shares.Sum(share => share * share), repeats = labels.Skip(1).Where((label, i) => label == labels[i]).Count() / Math.Max(1.0, labels.Length - 1);
        if (repeats > InRuns && chance < 0.6)
            patient.Report(FindingKind.NotShuffled, FindingSeverity.Warning, "the order of the training samples",
                $"{repeats:P0} of the samples follow one of their own class; in random order it would be {chance:P0}.",
                new("repeats", repeats), new("by chance", chance));
    }

    private static double[] Shares(long[] labels, long classes)
    {
        double[] shares = new double[classes];
        long[] counted = [.. labels.Where(label => label >= 0 && label < classes)];
        foreach (long label in counted) shares[label] += 1.0 / counted.Length;
        return shares;
    }

    private static bool IsFinite(Patient patient, Tensor x, string what)
    {
        if (!x.DType.IsFloating) return true;
        long bad = x.Count - HostValues.Integers(x.IsFinite().Cast(DType.Int64)).Sum();
        if (bad == 0) return true;
        patient.Report(FindingKind.NotFinite, FindingSeverity.Fault, what, $"{bad} of {x.Count} numbers are NaN or infinite.", new("not finite", bad), new("numbers", x.Count));
        return false;
    }

    private static void Scale(Patient patient, Tensor x)
    {
        double mean = x.Mean().ToDouble(), deviation = x.StandardDeviation(correction: 0).ToDouble(), size = Math.Sqrt(x.Square().Mean().ToDouble());
        patient.Measure("mean of the inputs", mean);
        patient.Measure("their standard deviation", deviation);
        if (deviation == 0)
        {
            patient.Report(FindingKind.InputNotNormalised, FindingSeverity.Warning, "inputs", "All inputs are the same number.", new Measurement("mean", mean));
            return;
        }

        double smallest = deviation, largest = deviation;
        if (x.Rank == 2)
        {
            double[] features = [.. x.StandardDeviation(0, correction: 0).ToArray<double>().Where(value => value > 0)];
            (smallest, largest) = (features.Min(), features.Max());
        }

        string? seen = size > LargestScale ? $"Inputs are of size {size:G3}." : Math.Abs(mean) > FarFromCentre * deviation ? "Inputs lie far from 0, all on one side."
            : largest > FeatureContrast * smallest ? $"One feature varies {largest / smallest:G3} times as much as another." : null;
        if (seen is not null)
            patient.Report(FindingKind.InputNotNormalised, FindingSeverity.Warning, "inputs", seen, new("mean", mean), new("standard deviation", deviation),
                new("smallest deviation of a feature", smallest),
                new("largest deviation of a feature", largest));
    }
}
