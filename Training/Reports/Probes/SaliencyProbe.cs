using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>Looks at what a classifier of pictures looks at: saliency maps of one sample of each class. The training goes on as if nobody had looked.</summary>
internal sealed class SaliencyProbe(Trainer trainer, int most)
{
    private const int Shown = 8, Copies = 24, Steps = 24;
    private const double Saturated = 0.01;

    /// <summary>The samples, or none where inputs are no pictures or the model does not tell classes apart.</summary>
    public IReadOnlyList<SaliencyView> Look()
    {
        DataLoader data = trainer.Validation ?? trainer.Data;
        if (PictureShape.Of(data.Input.Shape) is not { } shape || !data.Input.DType.IsFloating || data.Target.DType.IsFloating || data.Target.Shape.Rank != 0) return [];
        using WeightAverage.Swapped swapped = trainer.Average is { } average && trainer.Validation is not null ? average.Swap() : default;
        using MixedPrecisions.Usage precision = trainer.UsePrecision();
        using TensorScope scope = new();
        (Tensor inputs, long[] targets) = First(data);
        if (targets.Length == 0) return [];
        double[] scores;
        using (Tape.NoRecord())
        using (new EvaluationMode(trainer.Model))
        {
            Tensor prediction = trainer.Model.Forward(inputs);
            if (prediction.Rank != 2 || prediction.Shape[1] < 2) return [];
            scores = HostValues.Numbers(prediction);
        }

        (string Method, Tensor Maps)[] methods = [.. Methods(inputs)];
        return [.. targets.Select((target, i) => View(inputs.Select(0, i), shape, target, scores.AsSpan(i * (scores.Length / targets.Length), scores.Length / targets.Length),
            [.. methods.Select(method => (method.Method, method.Maps.Select(0, i)))]))];
    }

    private IEnumerable<(string, Tensor)> Methods(Tensor x)
    {
        yield return ("gradient", Saliency.Gradient(trainer.Model, x));
        yield return ("SmoothGrad", Saliency.SmoothGrad(trainer.Model, x, new Generator(), copies: Copies));
        Tensor attributions = Saliency.IntegratedGradients(trainer.Model, x, steps: Steps);
        yield return ("integrated gradients", attributions.Rank == 4 ? attributions.Sum(1) : attributions);
        if (x.Rank == 4 && trainer.Model.Walk().Any(entry => entry.Module is Conv2D)) yield return ("Grad-CAM", Saliency.GradCam(trainer.Model, x));
    }

    // The first sample of each class in the data's order.
    private (Tensor Inputs, long[] Targets) First(DataLoader data)
    {
        SortedDictionary<long, Tensor> found = [];
        LoaderState state = data.State;
        try
        {
            data.State = state with { Position = 0 };
            long looked = 0;
            foreach (Batch batch in data)
            {
                long[] targets = HostValues.Integers(batch.Target);
                for (int i = 0; i < targets.Length && found.Count < Shown; i++)
                    if (targets[i] >= 0 && !found.ContainsKey(targets[i])) found[targets[i]] = batch.Input.Select(0, i).Copy();
                if (found.Count == Shown || (looked += batch.Count) >= most) break;
            }
        }
        finally
        {
            data.State = state;
        }

        return (found.Count == 0 ? Tensor.Zeros([0]) : Tensor.Stack([.. found.Values]), [.. found.Keys]);
    }

    private static SaliencyView View(Tensor input, Shape shape, long target, ReadOnlySpan<double> scores, (string Method, Tensor Map)[] maps)
    {
        double[] probabilities = ClassProbabilities.Of(scores);
        int best = Array.IndexOf(probabilities, probabilities.Max());
        Picture picture = PictureShape.Draw(HostValues.Numbers(input), shape);
        return new(ReportPicture.Of(picture), target, best, probabilities[best], [.. maps.Select(entry => new SaliencyMapView(entry.Method, ReportPicture.Of(Draw(entry.Method, entry.Map).Resize(picture.Width, picture.Height))))]);

        Picture Draw(string method, Tensor map) => method == "Grad-CAM" && (picture.Width, picture.Height) == (shape[2], shape[1])
            ? HeatMap.Overlay(picture, map)
            : HeatMap.Draw(map, method == "integrated gradients" ? ColourMap.Diverging : ColourMap.Ember, Saturated);
    }
}
