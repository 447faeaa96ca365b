using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>Looks at a model after an epoch: runs it on some samples and notes what it makes of them. The training goes on as if nobody had looked.</summary>
internal sealed class ModelProbe(Trainer trainer, int most, int shown, Func<Tensor, Picture>? draw)
{
    public const int Buckets = 40;

    private readonly List<SampleView> _worst = [];
    private ConfusionMatrix? _confusion;
    private Shape? _picture;

    /// <summary>Runs the model.</summary>
    /// <param name="epoch">The epoch that has just ended.</param>
    /// <param name="gradients">Those of its last step, by parameter.</param>
    public EpochView Look(long epoch, IReadOnlyDictionary<string, TensorHistogram> gradients)
    {
        DataLoader data = trainer.Validation ?? trainer.Data;
        _picture = PictureShape.Of(data.Input.Shape);
        using WeightAverage.Swapped swapped = trainer.Average is { } average && trainer.Validation is not null ? average.Swap() : default;
        IReadOnlyList<(string Name, Tensor Parameter)> parameters = trainer.Model.NamedParameters();
        (long looked, IReadOnlyList<ActivationView> activations) = Run(data);
        FilterView? filters = FirstLayerPicture.Of(parameters, data.Input.Shape);
        return new(epoch, trainer.Validation is not null, looked, Confusion(), _worst, filters, [.. parameters.Select(entry => View(entry.Name, entry.Parameter))], activations);

        ParameterView View(string name, Tensor parameter)
            => new(name, parameter.Shape.ToString(), TensorHistogram.Of(parameter, Buckets), gradients.GetValueOrDefault(name));
    }

    private (long Looked, IReadOnlyList<ActivationView> Activations) Run(DataLoader data)
    {
        LoaderState state = data.State;
        using EvaluationMode mode = new(trainer.Model);
        using MixedPrecisions.Usage precision = trainer.UsePrecision();
        using Tape.Pause pause = Tape.NoRecord();
        using ActivationProbe probe = new(trainer.Model);
        using OpMonitor.Watch watch = probe.Listen();
        long looked = 0;
        try
        {
            data.State = state with { Position = 0 };
            foreach (Batch batch in data)
            {
                using TensorScope scope = new();
                Note(batch, trainer.Model.Forward(batch.Input));
                if ((looked += batch.Count) >= most) break;
            }
        }
        finally
        {
            data.State = state;
        }

        return (looked, probe.Views);
    }

    // Only of models that tell classes apart: scores [batch, classes] for targets [batch].
    private void Note(Batch batch, Tensor prediction)
    {
        if (prediction.Rank != 2 || prediction.Shape[1] < 2 || batch.Target.Rank != 1 || batch.Target.DType.IsFloating) return;
        int classes = (int)prediction.Shape[1];
        double[] scores = HostValues.Numbers(prediction);
        long[] targets = HostValues.Integers(batch.Target);
        _confusion ??= new(classes);
        for (int i = 0; i < targets.Length; i++)
        {
            if (targets[i] < 0 || targets[i] >= classes) continue;      // marked to be left out
            double[] probabilities = ClassProbabilities.Of(scores.AsSpan(i * classes, classes));
            long best = Array.IndexOf(probabilities, probabilities.Max());
            _confusion.Add(targets[i], best);
            Rank(new(null, targets[i], best, probabilities[best], probabilities[targets[i]]), batch.Input, i);
        }
    }

    // Keeps the samples whose right class has the least probability; NaN is the worst of all.
    private void Rank(SampleView view, Tensor inputs, int index)
    {
        double wrongness = Wrongness(view);
        if (shown == 0 || (_worst.Count == shown && wrongness <= Wrongness(_worst[^1]))) return;
        int place = _worst.FindIndex(entry => Wrongness(entry) < wrongness);
        _worst.Insert(place < 0 ? _worst.Count : place, view with { Picture = Draw(inputs.Select(0, index)) });
        if (_worst.Count > shown) _worst.RemoveAt(shown);
    }

    private static double Wrongness(SampleView view) => double.IsNaN(view.TargetProbability) ? 1 : -view.TargetProbability;

    private ReportPicture? Draw(Tensor input)
        => draw is not null ? ReportPicture.Of(draw(input)) : _picture is { } shape ? ReportPicture.Of(PictureShape.Draw(HostValues.Numbers(input), shape)) : null;

    // A metric has seen all of the validation, and the probe perhaps a part of it.
    private ConfusionView? Confusion()
    {
        ConfusionMatrix? matrix = trainer.Metrics.OfType<ConfusionMetric>().FirstOrDefault()?.Matrix ?? _confusion;
        return matrix is null ? null : new(matrix.Classes, matrix.Counts.ToArray());
    }
}
