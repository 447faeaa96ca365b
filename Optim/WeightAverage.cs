using System.Globalization;
using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// An average of the parameters along their way, often better than where they end: a ← a + wₜ(x − a) with a share wₜ of the newest values.
/// </summary>
/// <example><code>
/// using var average = WeightAverage.Exponential(model.Parameters(), decay: 0.999);
/// …
/// optimizer.Step();
/// average.Update();
/// …
/// using (average.Swap()) Trainer.Evaluate(model, validation, accuracy);      // the averages are the parameters up to the brace
/// </code></example>
/// <remarks>Running statistics of batch norms are no parameters: recompute them before using averages, which <c>BatchStatistics</c> in Gradwright.Training does.</remarks>
public sealed class WeightAverage : IDisposable
{
    private const string UpdatesKey = "updates";

    private readonly Tensor[] _parameters, _averages;
    private readonly Func<long, double> _share;
    private readonly string _text;
    private bool _swapped, _disposed;

    /// <summary>An average with shares of the caller's: <paramref name="share"/>(t) for update t, from 1. It starts as a copy of the parameters.</summary>
    public WeightAverage(IEnumerable<Tensor> parameters, Func<long, double> share) : this(parameters, share, "WeightAverage(…)") { }

    private WeightAverage(IEnumerable<Tensor> parameters, Func<long, double> share, string text)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(share);
        (_parameters, _share, _text) = ([.. parameters], share, text);
        HashSet<Tensor> known = new(ReferenceEqualityComparer.Instance);
        foreach (Tensor parameter in _parameters) Require.Parameter(nameof(WeightAverage), parameter, known, nameof(parameters));
        using (TensorScope.Suspend()) _averages = Array.ConvertAll(_parameters, parameter => new Copy().Execute(parameter));
    }

    /// <summary>Updates so far.</summary>
    public long Updates { get; private set; }

    /// <summary>The averages, in the order of the parameters.</summary>
    public IReadOnlyList<Tensor> Averages => _averages;

    /// <summary>
    /// An exponential moving average: a ← βa + (1 − β)x, with a correction for its start.
    /// </summary>
    /// <param name="parameters">What to average.</param>
    /// <param name="decay">β, 0 ≤ β &lt; 1: the average reaches back about 1/(1 − β) updates.</param>
    /// <param name="start">How it begins.</param>
    public static WeightAverage Exponential(IEnumerable<Tensor> parameters, double decay = 0.999, AverageStart start = AverageStart.BiasCorrected)
    {
        Require.Fraction(decay, nameof(WeightAverage), nameof(decay), "0.99 to 0.9999 are common.");
        return new(parameters, start switch
        {
            AverageStart.FirstValues => _ => 1 - decay,
            AverageStart.BiasCorrected => t => (1 - decay) / (1 - Math.Pow(decay, t)),
            AverageStart.Growing => t => 1 - Math.Min(decay, (double)t / (9 + t)),
            _ => throw new ArgumentOutOfRangeException(nameof(start), start, "WeightAverage: there is no such start."),
        }, $"WeightAverage.Exponential(decay: {decay}, start: {start})");
    }

    /// <summary>
    /// The plain mean of all updates (Polyak and Juditsky, 1992). Updated once per epoch of a constant or cyclic rate it is stochastic weight averaging (Izmailov et al., 2018).
    /// </summary>
    public static WeightAverage Equal(IEnumerable<Tensor> parameters) => new(parameters, t => 1.0 / t, "WeightAverage.Equal()");

    /// <summary>Takes the parameters' present values in, in one pass.</summary>
    public void Update()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_swapped) throw new InvalidOperationException("WeightAverage.Update: the averages stand in the parameters' place now. Update after the brace of Swap().");
        OpListener.Run([], _ =>
        {
            double share = _share(++Updates);
            GradientKernels.Approach([.. _averages.Zip(_parameters)], Require.NotNegative(share, nameof(WeightAverage), nameof(share), "It is the newest values' part of the average, 0 to 1."));
        });
    }

    /// <summary>Exchanges parameters and averages until the brace, bit for bit: to evaluate or save the averages.</summary>
    public Swapped Swap()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_swapped) throw new InvalidOperationException("WeightAverage.Swap: the averages stand in the parameters' place already.");
        Exchange();
        return new(this);
    }

    /// <summary>Overwrites the parameters with the averages: the end of a training.</summary>
    public void CopyToParameters()
    {
        using Tape.Pause pause = Tape.NoRecord();
        for (int i = 0; i < _parameters.Length; i++) _parameters[i].CopyFrom(_averages[i]);
    }

    /// <summary>Copies the averages and their number of updates.</summary>
    /// <returns>The copy, which the caller disposes.</returns>
    public OptimizerState SaveState()
    {
        OptimizerState saved = new();
        saved.Numbers[UpdatesKey] = Updates;
        using (TensorScope.Suspend())
            for (int i = 0; i < _averages.Length; i++) saved.Tensors[Key(i)] = new Copy().Execute(_averages[i]);
        return saved;
    }

    /// <summary>Replaces the averages by copies of what <see cref="SaveState"/> gave.</summary>
    /// <exception cref="ArgumentException">It was not saved by an average of such parameters. The old averages are untouched.</exception>
    public void LoadState(OptimizerState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        if (!saved.Numbers.TryGetValue(UpdatesKey, out double updates) || saved.Tensors.Count != _averages.Length)
            throw new ArgumentException($"WeightAverage: the saved state has {saved.Tensors.Count} tensors; it must come from an average of these {_averages.Length} parameters.", nameof(saved));
        for (int i = 0; i < _averages.Length; i++)
        {
            if (!saved.Tensors.TryGetValue(Key(i), out Tensor? tensor) || tensor.Shape != _averages[i].Shape || tensor.DType != _averages[i].DType)
                throw new ArgumentException($"WeightAverage: the saved '{Key(i)}' is {tensor?.Describe() ?? "missing"}, but the parameter is {_parameters[i].Describe()}.", nameof(saved));
        }

        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        for (int i = 0; i < _averages.Length; i++) _averages[i].CopyFrom(saved.Tensors[Key(i)].To(_averages[i].Accelerator));
        Updates = (long)updates;
    }

    /// <summary>Frees the averages; the parameters stay.</summary>
    public void Dispose()
    {
        if (_swapped) Exchange();
        _disposed = true;
        foreach (Tensor average in _averages) average.Dispose();
    }

    public override string ToString() => _text;

    private static string Key(int i) => i.ToString(CultureInfo.InvariantCulture);

    private void Exchange()
    {
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        for (int i = 0; i < _parameters.Length; i++)
        {
            Tensor before = _parameters[i].Copy();
            _parameters[i].CopyFrom(_averages[i]);
            _averages[i].CopyFrom(before);
        }

        _swapped = !_swapped;
    }

    /// <summary>The span in which the averages are the parameters.</summary>
    public readonly ref struct Swapped
    {
        private readonly WeightAverage _average;

        internal Swapped(WeightAverage average) => _average = average;

        public void Dispose()
        {
            if (_average is { _swapped: true }) _average.Exchange();
        }
    }
}
