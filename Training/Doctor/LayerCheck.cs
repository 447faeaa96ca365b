using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>Looks into the layers, before and after a few steps: what is zero then as well will stay so.</summary>
internal static class LayerCheck
{
    private const int Samples = 128, WarmUpSteps = 5, LeastDepth = 6;
    private const double WarmUpRate = 1e-3, ManyIdle = 0.4, ManySaturated = 0.5, Vanished = 1e-4, Exploded = 1e4, LargeGradient = 1e3, SameOutput = 1e-6;

    /// <summary>Takes the model a few steps away from its initial values, where zeros and ties may be chance.</summary>
    public static void WarmUp(Patient patient)
    {
        using Adam optimizer = patient.NewOptimizer(WarmUpRate);
        for (int i = 0; i < WarmUpSteps; i++) patient.Step(optimizer, patient.Train.Batch(i, Math.Min(Samples, patient.BatchSize)));
    }

    public static void Run(Patient patient)
    {
        using Loan loan = new(patient.Model);
        Sample sample = patient.Train.Rows(0, Math.Min(Samples, patient.Train.Count));
        LayerTrace first = LayerTrace.Of(patient, sample);
        NonlinearityTwice(patient, first, sample);
        string[] zero = ZeroWeights(patient, out int weights);
        WarmUp(patient);
        LayerTrace second = LayerTrace.Of(patient, sample);
        bool equal = EqualUnits(patient, zero.Length >= 2 && zero.Length >= weights / 2 ? zero : []);
        Dead(patient, first, second, isExplained: equal);
        if (equal || patient.Has(FindingKind.DeadLayer)) return;
        Saturation(patient, first);
        Depth(patient, first);
        if (!patient.Has(FindingKind.VanishingGradients)) ConstantOutput(patient, second, sample);
    }

    private static void NonlinearityTwice(Patient patient, LayerTrace trace, Sample sample)
    {
        (double least, double most) = (trace.Outputs.Min(), trace.Outputs.Max());
        if (patient.Reading.Kind == LossKind.CrossEntropy)
        {
            using TensorScope scope = new();
            int axis = patient.Reading.ClassAxis;
            if (!LossReading.IsDistribution(Tensor.From(trace.Outputs, trace.OutputShape), axis)) return;
            patient.Report(FindingKind.SoftmaxTwice, FindingSeverity.Fault, "the model's output",
                "Each sample's outputs are probabilities that add up to 1, but the loss applies a softmax to them: it can never come near 0, and gradients are small.",
                new("smallest output", least), new("largest output", most), new("sum per sample", 1),
                new("least possible loss", Math.Log(1 + (patient.Reading.Classes - 1) / Math.E)));
        }
        else if (trace.LastOp == "Sigmoid" && patient.Reading.WantsScores(patient.Loss, trace.OutputShape, patient.Model.Parameters()[0].DType, sample.Target))
        {
            patient.Report(FindingKind.SigmoidTwice, FindingSeverity.Fault, "the model's output", "The outputs come from a sigmoid, but the loss wants scores beyond 0 and 1, as one that applies a sigmoid itself.",
                new("smallest output", least), new("largest output", most));
        }
    }

    private static string[] ZeroWeights(Patient patient, out int weights)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        (string Name, Tensor Parameter)[] all = [.. patient.Model.NamedParameters().Where(entry => entry.Parameter.Rank >= 2)];
        weights = all.Length;
        return [.. all.Where(entry => entry.Parameter.Detach().Abs().Max().ToDouble() == 0).Select(entry => entry.Name)];
    }

    // After a few steps the units of a layer can only be equal if their gradients were. Zeros at the start are a fault even where random biases let them move.
    private static bool EqualUnits(Patient patient, string[] zeroAtFirst)
    {
        List<string> zero = [], equal = [];
        foreach ((string name, Tensor weight) in patient.Model.NamedParameters())
        {
            if (weight.IsFrozen || weight.Rank < 2 || weight.Shape[0] < 2) continue;
            using TensorScope scope = new();
            using Tape.Pause pause = Tape.NoRecord();
            Tensor rows = weight.Detach().Reshape(weight.Shape[0], -1);
            if ((rows - rows.Slice(0, 0, 1)).Abs().Max().ToDouble() != 0) continue;
            if (rows.Abs().Max().ToDouble() == 0) zero.Add(name);
            else if (!zeroAtFirst.Contains(name)) equal.Add(name);
        }

        if (zero.Count > 0)
            patient.Report(FindingKind.ZeroInitialisation, FindingSeverity.Fault, string.Join(", ", zero),
                $"All weights are 0 and still are after {WarmUpSteps} steps: each unit computes the same, and no gradient tells them apart.",
                new("tensors", zero.Count), new("steps", WarmUpSteps));
        else if (zeroAtFirst.Length > 0)
            patient.Report(FindingKind.ZeroInitialisation, FindingSeverity.Fault, string.Join(", ", zeroAtFirst),
                "All weights start at 0: at first only biases tell the units apart, and most of the gradient is zero.", new Measurement("tensors", zeroAtFirst.Length));
        if (equal.Count > 0)
            patient.Report(FindingKind.IdenticalUnits, FindingSeverity.Fault, string.Join(", ", equal),
                $"All units have the same weights and still have after {WarmUpSteps} steps: the layer is worth one unit.",
                new("tensors", equal.Count), new("steps", WarmUpSteps));
        return zero.Count + equal.Count + zeroAtFirst.Length > 0;
    }

    private static void Dead(Patient patient, LayerTrace first, LayerTrace second, bool isExplained)
    {
        string[] unreached = [.. second.Parameters.Where(p => !p.IsReached).Select(p => p.Name)];
        if (unreached.Length > 0)
        {
            FindingSeverity severity = unreached.Length == second.Parameters.Count ? FindingSeverity.Fault : FindingSeverity.Warning;
            patient.Report(FindingKind.UnreachedParameter, severity, string.Join(", ", unreached), "No gradient arrives here: the loss does not depend on it, or the tape is interrupted.",
                new("parameters", unreached.Length), new("of", second.Parameters.Count));
        }

        if (isExplained) return;
        string[] still = [.. second.Parameters.Where((p, i) => p.IsReached && p.Rank >= 2 && p.Gradient == 0 && first.Parameters[i].Gradient == 0).Select(p => p.Name)];
        string[] silent = [.. second.Activations.Where(a => a.Idle == 1).Select(a => a.Where)];
        if (silent.Length > 0)
            patient.Report(FindingKind.DeadLayer, FindingSeverity.Fault, silent[0],
                "Not one of its rectifiers fires for any sample: everything behind gets zeros, and no gradient comes through.",
                new("silent layers", silent.Length), new("weights without gradient", still.Length));
        else if (still.Length > 0)
            patient.Report(FindingKind.DeadLayer, FindingSeverity.Fault, string.Join(", ", still), $"The gradient is exactly 0, at first and after {WarmUpSteps} steps.",
                new("weights without gradient", still.Length), new("weights", second.Parameters.Count(p => p.Rank >= 2)));
        if (silent.Length + still.Length > 0) return;
        foreach ((ActivationTrace before, ActivationTrace after) in first.Activations.Zip(second.Activations))
        {
            if (after.Idle is > ManyIdle and < 1 && before.Idle > ManyIdle)
                patient.Report(FindingKind.DeadUnits, FindingSeverity.Warning, after.Where, $"{after.Idle:P0} of its rectifiers fire for no sample.",
                    new("idle share", after.Idle), new("units", after.Units));
        }
    }

    private static void ConstantOutput(Patient patient, LayerTrace trace, Sample sample)
    {
        if (sample.Count < 2) return;
        int size = trace.Outputs.Length / sample.Count;
        double spread = 0, largest = 0;
        for (int i = 0; i < trace.Outputs.Length; i++)
        {
            spread = Math.Max(spread, Math.Abs(trace.Outputs[i] - trace.Outputs[i % size]));
            largest = Math.Max(largest, Math.Abs(trace.Outputs[i]));
        }

        if (spread <= SameOutput * largest)
            patient.Report(FindingKind.ConstantOutput, FindingSeverity.Fault, "the model's output", $"All {sample.Count} samples get the same outputs.",
                new("largest difference", spread), new("largest output", largest));
    }

    private static void Saturation(Patient patient, LayerTrace trace)
    {
        if (patient.Options.IsTrained) return;
        foreach (ActivationTrace activation in trace.Activations)
            if (activation.Saturated > ManySaturated)
                patient.Report(FindingKind.SaturatedUnits, FindingSeverity.Warning, activation.Where,
                    $"{activation.Saturated:P0} of its outputs lie where it is flat, so hardly any gradient comes through.",
                    new("saturated share", activation.Saturated), new("units", activation.Units));
    }

    // Relative gradients and signals of the first layers beside those of the last.
    private static void Depth(Patient patient, LayerTrace trace)
    {
        ParameterTrace[] weights = [.. trace.Parameters.Where(p => p.IsReached && p.Rank >= 2 && p.Gradient > 0 && p.Weight > 0)];
        double total = Math.Sqrt(trace.Parameters.Sum(p => p.Gradient * p.Gradient));
        patient.Measure("norm of the gradient", total);
        if (total > LargeGradient * Math.Max(1, Math.Abs(trace.Loss)))
            patient.Report(FindingKind.ExplodingGradients, FindingSeverity.Warning, "all parameters", $"The gradient's norm is {total:G3}.", new("norm", total),
                new("loss", trace.Loss));
        if (weights.Length >= LeastDepth)
        {
            double[] relative = [.. weights.Select(p => p.Gradient / p.Weight)];
            int third = weights.Length / 3;
            double early = Median(relative[..third]), late = Median(relative[^third..]);
            patient.Measure("gradient of early to late layers", early / late);
            if (early < Vanished * late)
                patient.Report(FindingKind.VanishingGradients, FindingSeverity.Warning, weights[0].Name,
                    $"The gradients of the first layers are {late / early:G2} times smaller, relative to their weights, than those of the last.",
                    new("first layers", early), new("last layers", late));
            else if (early > Exploded * late)
                patient.Report(FindingKind.ExplodingGradients, FindingSeverity.Warning, weights[0].Name,
                    $"The gradients of the first layers are {early / late:G2} times larger, relative to their weights, than those of the last.",
                    new("first layers", early), new("last layers", late));
        }

        if (trace.Signals.Count < LeastDepth || trace.Signals[0].Size == 0) return;
        (string where, double last) = trace.Signals[^2];
        double ratio = last / trace.Signals[0].Size;
        if (ratio < Vanished / 10)
            patient.Report(FindingKind.VanishingGradients, FindingSeverity.Warning, where,
                $"Signals shrink from layer to layer: what arrives here is {1 / ratio:G2} times smaller than behind the first layer.",
                new("first layer", trace.Signals[0].Size), new("here", last));
        else if (ratio > Exploded / 10)
            patient.Report(FindingKind.ExplodingGradients, FindingSeverity.Warning, where,
                $"Signals grow from layer to layer: what arrives here is {ratio:G2} times larger than behind the first layer.", new("first layer", trace.Signals[0].Size),
                new("here", last));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
