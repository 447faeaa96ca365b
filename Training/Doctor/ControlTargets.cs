using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Targets that certainly depend on the inputs: the values there are, dealt out as a teacher would, a model like the examined one whose weights have changed places. For some of
/// the samples they are mixed up again, since relations in nature are noisy. Where not even these are learnt, nothing can be said about others.
/// </summary>
internal static class ControlTargets
{
    private const double Mixed = 0.25;
    private const long MostOutputs = 1 << 24;       // more take too long to deal out

    /// <summary>
    /// Samples for training and for judging with the control targets of one of all teachers, some of whom are harder to learn from than others; null where outputs and samples do not
    /// correspond, or are too many.
    /// </summary>
    public static (Sample Train, Sample Held)? Of(Patient patient, Sample train, Sample held, int teacher)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        Tensor input = Tensor.Concat([train.Input, held.Input]), target = Tensor.Concat([train.Target, held.Target]);
        Tensor output = Answers(patient, input, teacher);
        if (output.Count % input.Shape[0] != 0 || output.Count > MostOutputs) return null;
        long[] from = [.. Enumerable.Range(0, (int)target.Count).Select(i => (long)i)];
        if (patient.Reading.ClassAxis is var axis and >= 0 && !target.DType.IsFloating) DealClasses(output, axis, HostValues.Integers(target), (int)input.Shape[0], from);
        else Deal(output.Shape == target.Shape ? HostValues.Numbers(output) : PerSample(patient, output), HostValues.Numbers(target), (int)input.Shape[0], from);
        Tensor control = target.Reshape(-1).IndexSelect(0, Tensor.From(from, [from.Length], target.Accelerator)).Reshape(target.Shape);
        return (new(train.Input, Mix(patient, control.Slice(0, 0, train.Count))), new(held.Input, Mix(patient, control.Slice(0, train.Count, held.Count))));
    }

    private static Tensor Answers(Patient patient, Tensor input, int teacher)
    {
        using Loan loan = new(patient.Model);
        foreach (Tensor weight in patient.Model.Parameters().Where(parameter => parameter.Rank >= 2))
            weight.CopyFrom(weight.Detach().Reshape(-1).IndexSelect(0, Tensor.From(patient.Shuffled((int)weight.Count, $"teacher {teacher}"), [weight.Count], weight.Accelerator)).Reshape(weight.Shape));
        return patient.Model.Forward(input).Cast(DType.Float64);
    }

    // One number for each sample.
    private static double[] PerSample(Patient patient, Tensor output)
    {
        Tensor rows = output.Reshape(output.Shape[0], -1), direction = Tensor.Normal([1, rows.Shape[1]], new Generator(patient.Options.Seed).Fork("direction"), dtype: DType.Float64);
        return HostValues.Numbers((rows * direction.To(output.Accelerator)).Sum(1));
    }

    // At each place, such as a pixel, the sample with the highest answer gets the highest value, and so on. Of several values behind one answer the middle one counts.
    private static void Deal(double[] answers, double[] values, int count, long[] from)
    {
        int places = answers.Length / count, wide = values.Length / answers.Length;
        for (int place = 0; place < places; place++)
        {
            int[] byAnswer = [.. Enumerable.Range(0, count).OrderBy(i => answers[i * places + place])], byValue = [.. Enumerable.Range(0, count).OrderBy(i => values[(i * places + place) * wide + wide / 2])];
            for (int rank = 0; rank < count; rank++)
                for (int k = 0; k < wide; k++) from[(byAnswer[rank] * places + place) * wide + k] = (byValue[rank] * places + place) * wide + k;
        }
    }

    // At each place every class takes the samples that have the highest scores for it, as many as it had.
    private static void DealClasses(Tensor output, int axis, long[] labels, int count, long[] from)
    {
        int[] others = [.. Enumerable.Range(0, output.Rank).Where(dimension => dimension != axis)];
        Tensor scores = (output - output.Mean(others, keepDimensions: true)) / (output.StandardDeviation(others, keepDimensions: true, correction: 0) + 1e-12);
        double[] numbers = HostValues.Numbers(scores.Permute([.. others, axis]));
        int places = labels.Length / count, classes = numbers.Length / labels.Length;
        for (int place = 0; place < places; place++)
        {
            Queue<long>[] free = [.. Enumerable.Range(0, classes).Select(_ => new Queue<long>())];
            int[] rows = [.. Enumerable.Range(0, count).Select(i => i * places + place).Where(i => labels[i] >= 0 && labels[i] < classes)];
            foreach (int row in rows) free[labels[row]].Enqueue(row);
            HashSet<int> waiting = [.. rows];
            foreach ((int row, int c) in rows.SelectMany(row => Enumerable.Range(0, classes).Select(c => (row, c))).Where(pair => free[pair.c].Count > 0).OrderByDescending(pair => numbers[pair.row * classes + pair.c]).ToArray())
                if (free[c].Count > 0 && waiting.Remove(row)) from[row] = free[c].Dequeue();
        }
    }

    private static Tensor Mix(Patient patient, Tensor target)
    {
        int count = (int)target.Shape[0], mixed = (int)(Mixed * count);
        long[] order = patient.Shuffled(count, "mixed"), from = [.. Enumerable.Range(0, count).Select(i => (long)i)];
        for (int i = 0; i < mixed; i++) from[order[i]] = order[(i + 1) % mixed];
        return TensorScope.Keep(target.IndexSelect(0, Tensor.From(from, [count], target.Accelerator)));
    }
}
