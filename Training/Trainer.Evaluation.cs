using System.Globalization;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

public sealed partial class Trainer
{
    /// <summary>Measures a model on all of a loader's batches, in evaluation mode and without recording. The mode is restored afterwards.</summary>
    public static void Evaluate(Module<Tensor, Tensor> model, DataLoader data, params IReadOnlyList<Metric> metrics)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(metrics);
        foreach (Metric metric in metrics) metric.Reset();
        Look(model, data, (batch, prediction) =>
        {
            foreach (Metric metric in metrics) metric.Update(prediction, batch.Target);
        });
    }

    /// <summary>
    /// Measures the model on other data, such as a test set, with the loss and the <see cref="Metrics"/> of the training, in its <see cref="Precision"/> and with the
    /// <see cref="Average"/> in the parameters' place. It changes nothing of the training, in whose middle it may be called.
    /// </summary>
    /// <returns>Values by the names of <see cref="Running"/>.</returns>
    public IReadOnlyDictionary<string, double> Evaluate(DataLoader data)
    {
        ArgumentNullException.ThrowIfNull(data);
        double[][] before = [.. Running.Select(metric => metric.State.ToArray())];
        try
        {
            Measure(data);
            return Running.ToDictionary(metric => metric.Name, metric => metric.Value);
        }
        finally
        {
            foreach ((Metric metric, double[] state) in Running.Zip(before)) metric.State = state;
        }
    }

    /// <summary>A model's outputs for all of a loader's samples, in evaluation mode and without recording. The mode is restored afterwards.</summary>
    /// <param name="model">Maps a batch of inputs to predictions.</param>
    /// <param name="data">Gives the samples, in its order: without a seed that of the data set.</param>
    /// <returns>[samples, …], where the model is; the caller's.</returns>
    public static Tensor Predict(Module<Tensor, Tensor> model, DataLoader data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        List<Tensor> parts = [];
        using TensorScope scope = new();
        Look(model, data, (_, prediction) => parts.Add(TensorScope.Keep(prediction)));
        return TensorScope.Keep(Tensor.Concat([.. parts], 0));
    }

    /// <summary>What is trained, how, and how far it has come; a line each.</summary>
    public override string ToString()
    {
        List<string> settings = [];
        if (MaxGradientNorm is { } norm) settings.Add($"gradients clipped to a norm of {norm}");
        if (MaxGradient is { } most) settings.Add($"gradients cut to ±{most}");
        if (AccumulateSteps > 1) settings.Add($"{AccumulateSteps} batches per step");
        if (Precision != MixedPrecision.Off) settings.Add($"{Precision}");
        settings.AddRange(new object?[] { Mixup, Distillation, Average }.OfType<object>().Select(setting => $"{setting}"));
        if (CaptureSteps) settings.Add("captured steps");
        IReadOnlyList<Tensor> parameters = Model.Parameters();
        string[] lines =
        [
            "Trainer",
            string.Create(CultureInfo.InvariantCulture, $"  model      {Model.GetType().Name}, {parameters.Sum(parameter => parameter.Count):N0} parameters"),
            $"  optimizer  {Optimizer}",
            string.Create(CultureInfo.InvariantCulture, $"  data       {Data.Dataset.Count:N0} samples, {Data.BatchesPerEpoch:N0} batches of {Data.BatchSize} per epoch{(Validation is null ? "" : $"; {Validation.Dataset.Count:N0} to validate")}"),
            $"  metrics    {string.Join(", ", Running.Select(metric => metric.Name))}",
            .. settings.Count == 0 ? [] : (string[])[$"  settings   {string.Join("; ", settings)}"],
            $"  so far     {Epoch} epochs, {Step} steps",
        ];
        return string.Join('\n', lines);
    }

    private void Measure(DataLoader data)
    {
        using WeightAverage.Swapped swapped = Average is null ? default : Average.Swap();
        using MixedPrecisions.Usage precision = UsePrecision();
        Evaluate(Model, data, Running);
    }

    private static void Look(Module<Tensor, Tensor> model, DataLoader data, Action<Batch, Tensor> look)
    {
        data.State = data.State with { Position = 0 };
        bool training = model.IsTraining;
        model.Eval();
        try
        {
            using Tape.Pause pause = Tape.NoRecord();
            foreach (Batch batch in data)
            {
                using TensorScope scope = new();
                look(batch, model.Forward(batch.Input));
            }
        }
        finally
        {
            if (training) model.Train();
        }
    }
}
