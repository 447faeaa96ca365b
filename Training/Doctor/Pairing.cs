using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// A permutation test (Fisher 1935): is the loss of samples lower than with the targets of other samples? The outputs stay, only the targets change places, so it holds for every
/// loss, any distribution of the targets and few samples, and what an answer gains that does not look at the input cancels out.
/// </summary>
/// <param name="Loss">With each sample's own target.</param>
/// <param name="Repaired">The mean over random pairings.</param>
/// <param name="Chance">The share of pairings that do as well, the own one among them: how probable such a loss is where inputs and targets have nothing to do with each other.</param>
internal readonly record struct Pairing(double Loss, double Repaired, double Chance)
{
    private const int Most = 499, Enough = 10;                  // pairings; as good as the own one, so that it is clear how ordinary that is
    private const int Outputs = 1 << 21, LeastSamples = 24;     // large outputs, such as images, tell enough with few samples

    /// <summary>Not one of the random pairings does as well.</summary>
    public bool IsSignificant => Chance <= 1.0 / (Most + 1);

    /// <summary>Tests samples in evaluation mode.</summary>
    public static Pairing Of(Patient patient, Sample sample)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        using ModelModes modes = new(patient.Model);
        patient.Model.Eval();
        Tensor output = patient.Model.Forward(sample.Input);
        long few = Math.Clamp(Outputs * (long)sample.Count / output.Count, Math.Min(LeastSamples, sample.Count), sample.Count);
        if (output.Shape[0] == sample.Count) (output, sample) = (output.Slice(0, 0, few), sample.Rows(0, (int)few));
        Generator random = new Generator(patient.Options.Seed).Fork("pairing");
        double loss = patient.Loss(output, sample.Target).ToDouble(), sum = 0;
        if (!double.IsFinite(loss)) return new(loss, double.NaN, 1);
        long[] order = [.. Enumerable.Range(0, sample.Count).Select(i => (long)i)];
        int asGood = 0, pairings = 0;
        while (pairings < Most && asGood < Enough)
        {
            using TensorScope inner = new();
            random.Shuffle(order.AsSpan());
            double other = patient.Loss(output, sample.Target.IndexSelect(0, Tensor.From(order, [order.Length], sample.Target.Accelerator))).ToDouble();
            sum += other;
            pairings++;
            if (other <= loss) asGood++;
        }

        return new(loss, sum / pairings, asGood == Enough ? (double)Enough / pairings : (1.0 + asGood) / (1 + pairings));
    }
}
