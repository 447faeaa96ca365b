using Gradwright.Kernels;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Measures, every so many steps, how large the gradients are and how far an update moves the weights, relative to them: about 1/1000 per step is healthy for most
/// optimizers; much less learns slowly, much more jumps about.
/// </summary>
internal sealed class UpdateMeter : IDisposable
{
    private readonly IReadOnlyList<Tensor> _parameters;
    private readonly (string Name, Tensor Weight)[] _weights;
    private readonly Tensor?[] _before;
    private double _gradientNorm;
    private bool _isMeasuring;

    /// <param name="parameters">All of a model's.</param>
    /// <param name="most">How many weights are measured at most: evenly chosen from the first to the last.</param>
    public UpdateMeter(IReadOnlyList<(string Name, Tensor Parameter)> parameters, int most)
    {
        _parameters = [.. parameters.Select(entry => entry.Parameter)];
        (string Name, Tensor Parameter)[] matrices = [.. parameters.Where(entry => entry.Parameter.Rank >= 2)];
        int count = Math.Min(most, matrices.Length);
        _weights = [.. Enumerable.Range(0, count).Select(i => matrices[count == 1 ? 0 : i * (matrices.Length - 1) / (count - 1)])];
        _before = new Tensor?[count];
        Series = new(1 + count);
    }

    /// <summary>The measured weights.</summary>
    public IEnumerable<string> Names => _weights.Select(entry => entry.Name);

    /// <summary>Norm of the gradients, then the ratio of each weight.</summary>
    public StepSeries Series { get; }

    /// <summary>Before an update: measures the gradients and keeps the weights.</summary>
    public void Before()
    {
        Forget();
        using Tape.Pause pause = Tape.NoRecord();
        _gradientNorm = Clip.Norm(_parameters);
        _isMeasuring = true;
        using TensorScope.Suspension suspension = TensorScope.Suspend();        // the copies live until the update is done
        for (int i = 0; i < _weights.Length; i++) _before[i] = new Copy().Execute(_weights[i].Weight);
    }

    /// <summary>After the update, if <see cref="Before"/> was called before it.</summary>
    public void After(long step)
    {
        if (!_isMeasuring) return;
        using Tape.Pause pause = Tape.NoRecord();
        double[] row = new double[1 + _weights.Length];
        row[0] = _gradientNorm;
        for (int i = 0; i < _weights.Length; i++)
        {
            using TensorScope scope = new();
            Tensor before = _before[i]!;
            row[1 + i] = (_weights[i].Weight - before).Norm().ToDouble() / before.Norm().ToDouble();
        }

        Series.Add(step, row);
        Forget();
    }

    public void Dispose() => Forget();

    private void Forget()
    {
        _isMeasuring = false;
        for (int i = 0; i < _before.Length; i++)
        {
            _before[i]?.Dispose();
            _before[i] = null;
        }
    }
}
