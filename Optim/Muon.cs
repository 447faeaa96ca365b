using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// Muon (Jordan et al., 2024): the momentum of a matrix, made nearly orthogonal. m ← μm + (1 − μ)g, d = μm + (1 − μ)g, and five Newton-Schulz steps
/// X ← aX + (bA + cA²)X with A = XXᵀ from X = d/‖d‖ bring all its singular values close to 1; then x ← (1 − αλ)x − α √max(1, rows/columns) X.
/// Convolutions are matrices [out, in · height · width]. All else is updated by <see cref="AdamW"/>.
/// </summary>
/// <remarks>The authors give embeddings and a classifier's last layer to AdamW too: put these into <c>others</c>.</remarks>
public sealed class Muon : Optimizer
{
    private const double A = 3.4445, B = -4.7750, C = 2.0315;

    private static readonly string[] MatrixStates = ["momentum_buffer"];

    private readonly HashSet<Tensor> _others = new(ReferenceEqualityComparer.Instance);
    private readonly AdamRule _adam;
    private readonly double _momentum, _otherFactor;
    private readonly bool _nesterov;
    private readonly int _iterations;

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">What to optimize, in all.</param>
    /// <param name="learningRate">α of matrices, positive.</param>
    /// <param name="momentum">μ, 0 ≤ μ &lt; 1.</param>
    /// <param name="nesterov">Whether d looks ahead; without, d = m.</param>
    /// <param name="weightDecay">λ: a step first multiplies the parameter by 1 − αλ.</param>
    /// <param name="others">Those of the parameters that are left to AdamW although they are matrices.</param>
    /// <param name="otherFactor">The rate of AdamW as a multiple of α.</param>
    /// <param name="iterations">Newton-Schulz steps.</param>
    public Muon(IEnumerable<Tensor> parameters,
        double learningRate = 2e-2, double momentum = 0.95, bool nesterov = true, double weightDecay = 0, IEnumerable<Tensor>? others = null, double otherFactor = 0.015, int iterations = 5)
        : this([new ParameterGroup(parameters)], learningRate, momentum, nesterov, weightDecay, others, otherFactor, iterations) { }

    /// <summary>An optimizer of groups with settings of their own.</summary>
    /// <inheritdoc cref="Muon(IEnumerable{Tensor}, double, double, bool, double, IEnumerable{Tensor}?, double, int)"/>
    public Muon(IEnumerable<ParameterGroup> groups,
        double learningRate = 2e-2, double momentum = 0.95, bool nesterov = true, double weightDecay = 0, IEnumerable<Tensor>? others = null, double otherFactor = 0.015, int iterations = 5)
        : base(groups, learningRate, weightDecay)
    {
        _momentum = Require.Fraction(momentum, nameof(Muon), nameof(momentum), "The usual value is 0.95.");
        _otherFactor = Require.Positive(otherFactor, nameof(Muon), nameof(otherFactor), "0.015 makes 3e-4 of a rate of 0.02.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iterations);
        _adam = AdamOptions.Check(nameof(Muon), 0.9, 0.95, 1e-8) with { Decoupled = true };
        (_nesterov, _iterations) = (nesterov, iterations);
        _others.UnionWith(others ?? []);
    }

    protected override ReadOnlySpan<string> StateNames => AdamOptions.StateNames();

    protected override ReadOnlySpan<string> StateNamesOf(Tensor parameter) => IsMatrix(parameter) ? MatrixStates : StateNames;

    protected override void Update(ReadOnlySpan<ParameterUpdate> updates, double rate, double weightDecay)
    {
        List<ParameterUpdate> others = [];
        using Tape.Pause pause = Tape.NoRecord();
        foreach (ref readonly ParameterUpdate update in updates)
        {
            if (!IsMatrix(update.Parameter)) others.Add(update);
            else if (update.Parameter.Count > 0) UpdateMatrix(update, rate, weightDecay);
        }

        OptimizerKernels.Adam(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(others), _adam with { Rate = rate * _otherFactor, WeightDecay = weightDecay });
    }

    public override string ToString() => $"Muon({Schedule}, momentum: {_momentum}{(_nesterov ? "" : ", nesterov: false")}, weightDecay: {WeightDecay}, otherFactor: {_otherFactor}, iterations: {_iterations})";

    private bool IsMatrix(Tensor parameter) => parameter.Rank >= 2 && !_others.Contains(parameter);

    private void UpdateMatrix(in ParameterUpdate update, double rate, double weightDecay)
    {
        using TensorScope scope = new();
        Tensor x = update.Parameter, m = update.First!;
        GradientKernels.Approach([(m, update.Gradient)], 1 - _momentum);
        Tensor direction = _nesterov ? m * _momentum + update.Gradient * (1 - _momentum) : m;
        Tensor step = Orthogonal(direction.Reshape(x.Shape[0], -1)).Reshape(x.Shape);
        double rows = x.Shape[0], columns = x.Count / rows;
        double scale = rate * Math.Sqrt(Math.Max(1, rows / columns));
        if (weightDecay > 0) GradientKernels.Scale([x], 1 - rate * weightDecay);
        OptimizerKernels.Sgd([new(x, step, null, null, 1)], new(scale));
    }

    /// <summary>A matrix with the singular vectors of <paramref name="g"/>, [rows, columns], and singular values near 1.</summary>
    private Tensor Orthogonal(Tensor g)
    {
        bool isTall = g.Shape[0] > g.Shape[1];
        Tensor x = isTall ? g.Transpose() : g;      // A is square in the shorter side
        x = x / (x.Norm() + 1e-7);
        for (int i = 0; i < _iterations; i++)
        {
            Tensor a = x.MatMul(x.Transpose());
            x = x * A + (a * B + a.MatMul(a) * C).MatMul(x);
        }

        return isTall ? x.Transpose() : x;
    }
}
