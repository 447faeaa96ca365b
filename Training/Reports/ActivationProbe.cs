using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>Listens to a model's layers while it runs, and notes how their results are spread and which units never answer.</summary>
internal sealed class ActivationProbe : IDisposable
{
    private const long MostElements = 1 << 18;      // of a layer that a histogram is made of
    private const double NearEnd = 0.01;            // of the range of a sigmoid: there its slope is below 4 % of the steepest

    private readonly (string Path, Module Module)[] _layers;
    private readonly Dictionary<Module, Notes> _notes = [];
    private readonly ForwardListener _listener;
    private bool _followsConvolution;

    public ActivationProbe(Module model)
    {
        _layers = [.. model.Walk()];
        _listener = new(model, null, Look);
    }

    /// <summary>The layers that ran, in their order in the model.</summary>
    public IReadOnlyList<ActivationView> Views
        => [.. _layers.Where(layer => _notes.ContainsKey(layer.Module)).Select(layer => _notes[layer.Module].View(layer.Path, layer.Module))];

    public void Dispose() => _listener.Dispose();

    private void Look(Module module, object? input, object? output)
    {
        if (module.Children.Count > 0) return;
        if (module.Members.Parameters is [(_, Tensor first), ..] && first.Rank > 1) _followsConvolution = first.Rank > 2;
        // What only looks at its input in another way, or lets it pass, has nothing of its own to tell.
        if (output is not Tensor { DType.IsFloating: true, Count: > 0, Rank: > 0 } y || (input is Tensor x && x.Buffer == y.Buffer)) return;
        using TensorScope scope = new();
        int axis = y.Rank == 1 ? 0 : y.Rank == 3 && !_followsConvolution ? 2 : 1;      // of the units: [batch, units, …], or [batch, positions, units]
        if (!_notes.TryGetValue(module, out Notes? notes)) _notes[module] = notes = new(Values(y), y.Shape[axis], SaturationOf(module));
        if (module is ReLU or ReLU6) notes.Largest(HostValues.Numbers(y.Rank == 1 ? y : y.Max([.. Enumerable.Range(0, y.Rank).Where(i => i != axis)])));
    }

    private static double[] Values(Tensor y)
    {
        long each = y.Count / y.Shape[0], samples = Math.Clamp(MostElements / each, 1, y.Shape[0]);
        return HostValues.Numbers(samples < y.Shape[0] ? y.Slice(0, 0, samples) : y);
    }

    private static Func<double, bool>? SaturationOf(Module module) => module switch
    {
        Tanh => y => Math.Abs(y) > 1 - 2 * NearEnd,
        Sigmoid or HardSigmoid => y => y is < NearEnd or > 1 - NearEnd,
        _ => null,
    };

    /// <summary>What is known of a layer: values of the first batch, and the largest of each unit in all.</summary>
    private sealed class Notes(double[] values, long units, Func<double, bool>? isSaturated)
    {
        private double[]? _largest;

        public void Largest(double[] batch)
        {
            if (_largest?.Length != batch.Length) _largest = batch;
            else
                for (int i = 0; i < batch.Length; i++) _largest[i] = Math.Max(_largest[i], batch[i]);
        }

        public ActivationView View(string path, Module module) => new(path, module.ToString()!, TensorHistogram.Of<double>(values, ModelProbe.Buckets), Share(value => value == 0), units,
            _largest?.LongCount(value => value <= 0), isSaturated is null ? null : Share(isSaturated));

        private double Share(Func<double, bool> counts) => values.Count(counts) / (double)values.Length;
    }
}
