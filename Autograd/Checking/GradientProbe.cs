namespace Gradwright;

/// <summary>
/// A function as the checker sees it: variables that can be moved, results as numbers, one weight per result, and the tape's
/// gradients of their weighted sum.
/// </summary>
internal abstract class GradientProbe
{
    private readonly GeneratorState[] _states;
    private readonly GradCheckOptions _options;

    protected GradientProbe(Func<Tensor[], Tensor> f, Tensor[] inputs, IReadOnlyList<Tensor> parameters, GradCheckOptions options)
    {
        (Function, _options) = (f, options);
        _states = [.. options.Generators.Select(g => g.State)];
        Arguments = [.. inputs.Select(x => x.DType.IsFloating ? x.Copy() : x)];
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i].DType.IsFloating) AddVariable(inputs[i].Name ?? $"input {i}", Arguments[i]);
        for (int i = 0; i < parameters.Count; i++)
            if (parameters[i].NeedsGradient) AddVariable(parameters[i].Name ?? $"parameter {i}", parameters[i]);
        if (Variables.Count == 0)
            throw new GradCheckException("There is nothing to differentiate: no input is of floating-point type and no unfrozen parameter was passed.");
    }

    public List<(string Name, Tensor Tensor)> Variables { get; } = [];

    /// <summary>One weight per result; known once the function has run.</summary>
    public double[] Weights { get; protected set; } = [];

    protected Func<Tensor[], Tensor> Function { get; }
    protected Tensor[] Arguments { get; }

    /// <summary>The results at the variables' present values.</summary>
    public double[] Evaluate()
    {
        ResetGenerators();
        using TensorScope scope = new();
        return Results();
    }

    /// <summary>The tape's derivatives of Σ weight · result, per variable.</summary>
    public double[][] Differentiate()
    {
        ResetGenerators();
        using Tape tape = new();
        foreach ((_, Tensor x) in Variables) tape.Watch(x);
        Tensor[] x0 = [.. Variables.Select(v => v.Tensor)];
        return [.. Gradients(tape, x0).Select(HostValues.Of)];
    }

    protected abstract double[] Results();

    protected abstract Tensor[] Gradients(Tape tape, Tensor[] x);

    /// <summary>f under the tape. A result that is itself an argument becomes an op's output.</summary>
    protected Tensor Record(Tape tape)
    {
        Tensor y = Function(Arguments);
        return y.TapeNode is not Node && tape.Takes(y) ? y.Copy() : y;
    }

    /// <summary>Fixed numbers of either sign, none of them small.</summary>
    protected double[] RandomWeights(int n, string purpose)
    {
        Generator generator = new Generator(_options.Seed).Fork(purpose);
        double[] weights = new double[n];
        for (int i = 0; i < n; i++) weights[i] = (0.5 + 0.5 * generator.NextDouble()) * (generator.Next(2) == 0 ? -1 : 1);
        return weights;
    }

    protected static Tensor ToTensor(ReadOnlySpan<double> values, Shape shape, DType dtype, Accelerator accelerator)
    {
        if (dtype == DType.Float64) return Tensor.From(values, shape, accelerator);
        float[] rounded = new float[values.Length];
        for (int i = 0; i < rounded.Length; i++) rounded[i] = (float)values[i];
        return Tensor.From(rounded, shape, accelerator);
    }

    protected void AddVariable(string name, Tensor x)
    {
        if (x.DType is not (DType.Float32 or DType.Float64))
            throw new DTypeException($"GradCheck: {name} {x.Describe()} is too coarse for finite differences. Write x.Cast(DType.Float64).");
        if (x.Count > 0) Variables.Add((name, x));
    }

    private void ResetGenerators()
    {
        for (int i = 0; i < _states.Length; i++) _options.Generators[i].State = _states[i];
    }
}

/// <summary>y = f(x); the gradients of ⟨y, w⟩.</summary>
internal sealed class FirstOrderProbe(Func<Tensor[], Tensor> f, Tensor[] inputs, IReadOnlyList<Tensor> parameters, GradCheckOptions options)
    : GradientProbe(f, inputs, parameters, options)
{
    protected override double[] Results()
    {
        double[] y = HostValues.Of(Function(Arguments));
        if (Weights.Length != y.Length) Weights = RandomWeights(y.Length, "projection");
        return y;
    }

    protected override Tensor[] Gradients(Tape tape, Tensor[] x)
    {
        Tensor y = Record(tape);
        return tape.Takes(y) ? tape.Gradients(y, x, gradient: ToTensor(Weights, y.Shape, y.DType, y.Accelerator))
            : [.. x.Select(v => Tensor.Zeros(v.Shape, v.DType, v.Accelerator))];
    }
}

/// <summary>The results are ∇⟨f(x), w⟩, of every variable, with w a variable too; the gradients are of ⟨∇⟨f, w⟩, u⟩.</summary>
internal sealed class SecondOrderProbe : GradientProbe
{
    private readonly Tensor[] _x;
    private readonly Tensor _w;

    public SecondOrderProbe(Func<Tensor[], Tensor> f, Tensor[] inputs, IReadOnlyList<Tensor> parameters, GradCheckOptions options)
        : base(f, inputs, parameters, options)
    {
        _x = [.. Variables.Select(v => v.Tensor)];
        Shape shape;
        DType dtype;
        Accelerator accelerator;
        using (new TensorScope())
        {
            Tensor y = f(Arguments);
            (shape, dtype, accelerator) = (y.Shape, y.DType, y.Accelerator);
        }

        _w = ToTensor(RandomWeights((int)shape.Count, "projection"), shape, dtype, accelerator);
        AddVariable("the gradient that arrives", _w);
        Weights = RandomWeights((int)_x.Sum(x => x.Count), "second projection");
    }

    protected override double[] Results()
    {
        using Tape tape = new();
        foreach (Tensor x in _x) tape.Watch(x);
        Tensor y = Record(tape);
        return tape.Takes(y) ? [.. tape.Gradients(y, _x, gradient: _w).SelectMany(HostValues.Of)] : new double[Weights.Length];
    }

    protected override Tensor[] Gradients(Tape tape, Tensor[] x)
    {
        Tensor y = Record(tape);
        Tensor? sum = null;
        if (tape.Takes(y))
        {
            Tensor[] g = tape.Gradients(y, _x, createGraph: true, gradient: _w);
            int first = 0;
            for (int i = 0; i < g.Length; i++)
            {
                int n = (int)g[i].Count;
                Tensor term = (g[i] * ToTensor(Weights.AsSpan(first, n), g[i].Shape, g[i].DType, g[i].Accelerator)).SumTo([]);
                if (tape.Takes(term)) sum = sum is null ? term : sum + term;
                first += n;
            }
        }

        // A linear function of constants only: its second derivatives are zero.
        return sum is null ? [.. x.Select(v => Tensor.Zeros(v.Shape, v.DType, v.Accelerator))] : tape.Gradients(sum, x);
    }
}
