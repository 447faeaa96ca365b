namespace Gradwright;

/// <summary>
/// Compares the gradients of the tape with finite differences. The result of the function, of any shape, is contracted with fixed random
/// weights, so that one pass over the elements checks the whole Jacobian.
/// </summary>
/// <example><code>
/// using Tensor x = Tensor.From([0.3, -1.2, 0.7]);
/// GradCheck.Assert(x => x[0].Tanh() * x[0], [x]);
/// </code></example>
/// <remarks>
/// Use Float64: in Float32 rounding hides mistakes below a percent. The function must give the same result for the same arguments; name the
/// generators that it draws from in <see cref="GradCheckOptions.Generators"/>.
/// </remarks>
public static class GradCheck
{
    /// <summary>Compares ∂f/∂inputs and ∂f/∂parameters with finite differences.</summary>
    /// <param name="f">The function; it is handed copies of <paramref name="inputs"/>.</param>
    /// <param name="inputs">Where to check. Tensors of integers and truth values are passed on as they are.</param>
    /// <param name="options">Step, tolerance, sampling.</param>
    /// <param name="parameters">What <paramref name="f"/> uses besides; changed during the check and restored. Frozen ones are left out.</param>
    /// <exception cref="GradCheckException"><paramref name="f"/> is not deterministic.</exception>
    public static GradCheckReport Run(Func<Tensor[], Tensor> f, Tensor[] inputs, GradCheckOptions? options = null, IReadOnlyList<Tensor>? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(inputs);
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        options ??= new();
        return new GradientComparison(new FirstOrderProbe(f, inputs, parameters ?? [], options), options).Run();
    }

    /// <summary>Compares the gradients of ⟨∇f, u⟩, for a random u, with finite differences: by the inputs, the parameters and the gradient that f's result receives.</summary>
    /// <inheritdoc cref="Run"/>
    public static GradCheckReport RunSecondOrder(Func<Tensor[], Tensor> f, Tensor[] inputs, GradCheckOptions? options = null, IReadOnlyList<Tensor>? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(inputs);
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        options ??= new();
        return new GradientComparison(new SecondOrderProbe(f, inputs, parameters ?? [], options), options).Run();
    }

    /// <summary>As <see cref="Run"/>; throws when an element disagrees.</summary>
    /// <exception cref="GradCheckException">Names the worst element.</exception>
    public static void Assert(Func<Tensor[], Tensor> f, Tensor[] inputs, GradCheckOptions? options = null, IReadOnlyList<Tensor>? parameters = null)
        => ThrowIfFailed(Run(f, inputs, options, parameters), "The gradient");

    /// <summary>As <see cref="RunSecondOrder"/>; throws when an element disagrees.</summary>
    /// <inheritdoc cref="Assert"/>
    public static void AssertSecondOrder(Func<Tensor[], Tensor> f, Tensor[] inputs, GradCheckOptions? options = null, IReadOnlyList<Tensor>? parameters = null)
        => ThrowIfFailed(RunSecondOrder(f, inputs, options, parameters), "The second derivative");

    private static void ThrowIfFailed(GradCheckReport report, string what)
    {
        if (report.Passed) return;
        GradCheckEntry worst = report.Worst;
        throw new GradCheckException($"{what} by {worst.Name} {worst.Shape} disagrees with finite differences at [{string.Join(", ", worst.WorstIndex)}]: "
            + $"analytic {worst.Analytic:G9}, numeric {worst.Numeric:G9}, relative error {worst.MaxRelativeError:G3} where {report.Tolerance:G3} passes ({worst.Verdict.Explanation}).\n{report}", report);
    }
}
