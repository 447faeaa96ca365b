using System.Globalization;

namespace Gradwright.Optim;

/// <summary>
/// L-BFGS (Liu and Nocedal, 1989): a quasi-Newton method whose curvature comes from the last few changes of position and gradient. For problems whose loss is
/// computed on all data, such as small models, inputs that are optimized, and physics-informed networks.
/// </summary>
/// <remarks>
/// A step calls the loss several times, since a line search needs it, so it takes the loss as a function. All of a step's arithmetic runs where the parameters
/// live; the numbers that decide about it are read back.
/// </remarks>
/// <example><code>
/// using var optimizer = new LBfgs(model.Parameters());
/// for (int i = 0; i &lt; 20; i++) Console.WriteLine(optimizer.Step(() => Loss.MeanSquaredError(model.Forward(x), y)));
/// </code></example>
public sealed class LBfgs : IDisposable
{
    private const double LeastCurvature = 1e-10;
    private const string IterationsKey = "iterations", StepKey = "step", ScaleKey = "scale", HistoryKey = "history", EvaluationsKey = "evaluations";

    private readonly ParameterVector _parameters;
    private readonly List<(FlatVector S, FlatVector Y, double Rho)> _history = [];
    private readonly int _iterations, _historySize, _evaluations;
    private readonly double _rate, _gradientTolerance, _changeTolerance;
    private readonly bool _searches;
    private FlatVector? _direction, _gradient;      // of the last iteration
    private double _step, _scale = 1;
    private bool _disposed;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize.</param>
    /// <param name="learningRate">The first step length that is tried, and the only one without a line search. The very first step is shorter, min(1, 1/Σ|g|) of it.</param>
    /// <param name="iterations">Most iterations in one call of <see cref="Step"/>.</param>
    /// <param name="evaluations">Most evaluations in one call; 0 allows 1¼ for each iteration. One iteration is always made, and one that has begun is finished.</param>
    /// <param name="historySize">How many changes are remembered; each takes the memory of the parameters twice.</param>
    /// <param name="lineSearch">Search for a step that fulfils the strong Wolfe conditions.</param>
    /// <param name="gradientTolerance">A step ends when no element of the gradient is larger.</param>
    /// <param name="changeTolerance">A step ends when the loss, or every parameter, changes by less.</param>
    public LBfgs(IEnumerable<Tensor> parameters, double learningRate = 1, int iterations = 20, int evaluations = 0, int historySize = 10, bool lineSearch = true,
        double gradientTolerance = 1e-7, double changeTolerance = 1e-9)
    {
        _parameters = new(nameof(LBfgs), parameters);
        _rate = Require.Positive(learningRate, nameof(LBfgs), nameof(learningRate), "1 is Newton's step.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iterations);
        ArgumentOutOfRangeException.ThrowIfNegative(evaluations);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(historySize);
        (_iterations, _historySize, _searches) = (iterations, historySize, lineSearch);
        _evaluations = evaluations > 0 ? evaluations : Math.Max(1, iterations * 5 / 4);
        _gradientTolerance = Require.NotNegative(gradientTolerance, nameof(LBfgs), nameof(gradientTolerance), "The usual value is 1e-7.");
        _changeTolerance = Require.NotNegative(changeTolerance, nameof(LBfgs), nameof(changeTolerance), "The usual value is 1e-9.");
    }

    /// <summary>Iterations so far.</summary>
    public long Iterations { get; private set; }

    /// <summary>Evaluations of the loss so far.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Moves the parameters, by up to the given number of iterations.</summary>
    /// <param name="loss">Computes the loss of the same data each time; a tape is open around it.</param>
    /// <returns>The loss where the parameters are now.</returns>
    public double Step(Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ObjectDisposedException.ThrowIf(_disposed, this);
        long first = Evaluations;
        (double value, FlatVector gradient) = Evaluate(loss);
        try
        {
            for (int i = 0; i < _iterations && gradient.LargestMagnitude() > _gradientTolerance; i++)
            {
                FlatVector direction = NextDirection(gradient);
                double slope = gradient.Dot(direction);
                if (slope > -_changeTolerance)
                {
                    _step = 0;
                    break;
                }

                _step = Iterations == 1 ? Math.Min(1, 1 / gradient.SumOfMagnitudes()) * _rate : _rate;
                double before = value, reach = direction.LargestMagnitude();
                SearchPoint found = Move(loss, new(0, value, slope, gradient), direction, reach);
                if (found.Gradient != gradient) gradient.Dispose();
                (_step, value, gradient) = (found.Step, found.Loss, found.Gradient);
                if (Evaluations - first >= _evaluations || reach * _step <= _changeTolerance || Math.Abs(value - before) < _changeTolerance) break;
            }
        }
        finally
        {
            gradient.Dispose();
        }

        return value;
    }

    /// <summary>Copies what has been learned about the curvature. Loaded into an L-BFGS of the same parameters and options, the optimization goes on with the same bits.</summary>
    /// <returns>The copy, which the caller disposes.</returns>
    public OptimizerState SaveState()
    {
        OptimizerState saved = new();
        (saved.Numbers[IterationsKey], saved.Numbers[EvaluationsKey], saved.Numbers[StepKey], saved.Numbers[ScaleKey], saved.Numbers[HistoryKey])
            = (Iterations, Evaluations, _step, _scale, _history.Count);
        Save("direction", _direction);
        Save("gradient", _gradient);
        for (int i = 0; i < _history.Count; i++)
        {
            Save($"s{i}", _history[i].S);
            Save($"y{i}", _history[i].Y);
        }

        return saved;

        void Save(string name, FlatVector? vector)
        {
            if (vector is null) return;
            FlatVector copy = vector.Copy();
            for (int k = 0; k < copy.Parts.Count; k++) saved.Tensors[Key(name, k)] = copy.Parts[k];
        }
    }

    /// <summary>Replaces what has been learned by copies of what <see cref="SaveState"/> gave.</summary>
    /// <exception cref="ArgumentException">It was not saved by an L-BFGS of such parameters. The old state is untouched.</exception>
    public void LoadState(OptimizerState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        ObjectDisposedException.ThrowIf(_disposed, this);
        double iterations = Number(IterationsKey), evaluations = Number(EvaluationsKey), step = Number(StepKey), scale = Number(ScaleKey), count = Number(HistoryKey);
        List<FlatVector> loaded = [];
        try
        {
            if (iterations > 0)
            {
                loaded.Add(Load("direction"));
                loaded.Add(Load("gradient"));
            }

            for (int i = 0; i < count; i++)
            {
                loaded.Add(Load($"s{i}"));
                loaded.Add(Load($"y{i}"));
            }
        }
        catch
        {
            foreach (FlatVector vector in loaded) vector.Dispose();
            throw;
        }

        Free();
        (Iterations, Evaluations, _step, _scale) = ((long)iterations, (long)evaluations, step, scale);
        if (iterations > 0) (_direction, _gradient) = (loaded[0], loaded[1]);
        for (int i = 2; i < loaded.Count; i += 2) _history.Add((loaded[i], loaded[i + 1], 1 / loaded[i + 1].Dot(loaded[i])));

        double Number(string key) => saved.Numbers.TryGetValue(key, out double value) ? value
            : throw new ArgumentException($"LBfgs: the saved state lacks the number '{key}'. It must come from an LBfgs.", nameof(saved));

        FlatVector Load(string name)
        {
            using FlatVector like = _parameters.Position();
            Tensor[] parts = [.. like.Parts.Select((part, k) => saved.Tensors.TryGetValue(Key(name, k), out Tensor? tensor) && tensor.Shape == part.Shape && tensor.DType == part.DType ? tensor
                : throw new ArgumentException($"LBfgs: the saved state has no '{Key(name, k)}' of {part.Describe()}. It must come from an LBfgs over the same parameters.", nameof(saved)))];
            using TensorScope scope = new();
            return new([.. parts.Select((tensor, k) =>
            {
                Tensor copy = tensor.To(like.Parts[k].Accelerator).Copy();
                TensorScope.Release(copy);
                return copy;
            })]);
        }
    }

    /// <summary>Frees the state; the parameters stay.</summary>
    public void Dispose()
    {
        _disposed = true;
        Free();
    }

    public override string ToString() => $"LBfgs({_rate}, iterations: {_iterations}, historySize: {_historySize}{(_searches ? "" : ", lineSearch: false")})";

    private static string Key(string name, int part) => string.Create(CultureInfo.InvariantCulture, $"{name}.{part}");

    private (double Loss, FlatVector Gradient) Evaluate(Func<Tensor> loss)
    {
        Evaluations++;
        return _parameters.Evaluate(loss);
    }

    private SearchPoint Move(Func<Tensor> loss, SearchPoint start, FlatVector direction, double reach)
    {
        using FlatVector from = _parameters.Position();
        if (!_searches) return At(_step);
        SearchPoint found = new WolfeSearch(At, start, _changeTolerance / reach).Run(_step);
        _parameters.Assign(from, found.Step, direction);
        return found;

        SearchPoint At(double step)
        {
            _parameters.Assign(from, step, direction);
            (double value, FlatVector gradient) = Evaluate(loss);
            return new(step, value, gradient.Dot(direction), gradient);
        }
    }

    /// <summary>−Hg, with H from the history by the two-loop recursion.</summary>
    private FlatVector NextDirection(FlatVector gradient)
    {
        if (Iterations > 0) Remember(gradient);
        FlatVector q = gradient.Copy();
        q.Scale(-1);
        double[] shares = new double[_history.Count];
        for (int i = shares.Length - 1; i >= 0; i--)
        {
            shares[i] = _history[i].Rho * _history[i].S.Dot(q);
            q.Add(-shares[i], _history[i].Y);
        }

        if (shares.Length > 0) q.Scale(_scale);
        for (int i = 0; i < shares.Length; i++) q.Add(shares[i] - _history[i].Rho * _history[i].Y.Dot(q), _history[i].S);
        _direction?.Dispose();
        _gradient?.Dispose();
        (_direction, _gradient) = (q, gradient.Copy());
        Iterations++;
        return q;
    }

    /// <summary>The last change of position and of gradient, if the curvature along it is positive.</summary>
    private void Remember(FlatVector gradient)
    {
        FlatVector y = gradient.Copy(), s = _direction!.Copy();
        y.Add(-1, _gradient!);
        s.Scale(_step);
        double curvature = y.Dot(s);
        if (curvature <= LeastCurvature)
        {
            y.Dispose();
            s.Dispose();
            return;
        }

        if (_history.Count == _historySize)
        {
            _history[0].S.Dispose();
            _history[0].Y.Dispose();
            _history.RemoveAt(0);
        }

        _history.Add((s, y, 1 / curvature));
        _scale = curvature / y.Dot(y);
    }

    private void Free()
    {
        _direction?.Dispose();
        _gradient?.Dispose();
        (_direction, _gradient) = (null, null);
        foreach ((FlatVector s, FlatVector y, _) in _history)
        {
            s.Dispose();
            y.Dispose();
        }

        _history.Clear();
    }
}
