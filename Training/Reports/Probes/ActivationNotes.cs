namespace Gradwright.Training;

/// <summary>What is known of one activation: its values for the first batch, and the largest of each unit for all.</summary>
internal sealed class ActivationNotes
{
    private const long MostElements = 1 << 18;      // that are looked at
    private const double NearEnd = 0.01;            // of the range of a sigmoid: there its slope is below 4 % of the steepest

    private readonly double[] _values;
    private readonly long _units;
    private readonly ActivationKind _kind;
    private string _path = "", _layer = "";
    private double[]? _largest;

    /// <param name="y">Results for the first batch, [batch, …].</param>
    /// <param name="units">How many units they are of.</param>
    /// <param name="kind">In which way units can be dead or saturated.</param>
    public ActivationNotes(Tensor y, long units, ActivationKind kind)
    {
        long each = y.Count / y.Shape[0], samples = Math.Clamp(MostElements / each, 1, y.Shape[0]);
        (_values, _units, _kind) = (HostValues.Numbers(samples < y.Shape[0] ? y.Slice(0, 0, samples) : y), units, kind);
    }

    /// <summary>Says where it is and what it is.</summary>
    public void Name(string path, string layer) => (_path, _layer) = (path, layer);

    /// <summary>The largest value of each unit in a batch.</summary>
    public void AddLargest(double[] batch)
    {
        if (_largest?.Length != batch.Length) _largest = batch;
        else
            for (int i = 0; i < batch.Length; i++) _largest[i] = Math.Max(_largest[i], batch[i]);
    }

    public ActivationView View()
    {
        long? dead = _largest?.LongCount(value => value <= 0);
        double? saturated = _kind switch
        {
            ActivationKind.Sigmoid => Share(y => y is < NearEnd or > 1 - NearEnd),
            ActivationKind.Tanh => Share(y => Math.Abs(y) > 1 - 2 * NearEnd),
            _ => null,
        };
        return new(_path, _layer, TensorHistogram.Of<double>(_values, ModelProbe.Buckets), Share(value => value == 0), _units, dead, saturated);
    }

    private double Share(Func<double, bool> counts) => _values.Count(counts) / (double)_values.Length;
}
