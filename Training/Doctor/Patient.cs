using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>What is examined, and what was found so far.</summary>
internal sealed class Patient(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, Sample train, Sample held, Tensor ordered, int batchSize, DoctorOptions options)
{
    private readonly List<Finding> _findings = [];
    private readonly long _began = options.Clock.GetTimestamp();

    public Module<Tensor, Tensor> Model => model;
    public Sample Train => train;

    /// <summary>Samples that no trial learns from.</summary>
    public Sample Held => held;

    /// <summary>Training targets in the order in which they are trained on.</summary>
    public Tensor OrderedTargets => ordered;

    public int BatchSize => batchSize;
    public DoctorOptions Options => options;
    public LossReading Reading { get; set; } = LossReading.None;
    public IReadOnlyList<Finding> Findings => _findings;
    public List<Measurement> Measurements { get; } = [];
    public List<string> Skipped { get; } = [];

    /// <summary>The rate with which Adam learnt a few samples by heart.</summary>
    public double? WorkingRate { get; set; }

    public bool Has(params ReadOnlySpan<FindingKind> kinds)
    {
        foreach (FindingKind kind in kinds)
            if (_findings.Exists(finding => finding.Kind == kind)) return true;
        return false;
    }

    public void Report(FindingKind kind, FindingSeverity severity, string where, string observation, params IReadOnlyList<Measurement> evidence)
        => _findings.Add(new(kind, severity, where, observation, evidence));

    /// <summary>Takes a finding back to a warning, where another one explains it.</summary>
    public void Soften(FindingKind kind)
    {
        for (int i = 0; i < _findings.Count; i++)
            if (_findings[i].Kind == kind && _findings[i].Severity == FindingSeverity.Fault) _findings[i] = _findings[i] with { Severity = FindingSeverity.Warning };
    }

    /// <summary>Whether a check is asked for and may begin; one that is too late is noted as skipped.</summary>
    public bool Begins(DoctorChecks check, string name)
    {
        if (!options.Checks.HasFlag(check)) return false;
        if (options.Budget is not { } budget || options.Clock.GetElapsedTime(_began) < budget) return true;
        Skipped.Add($"{name}: the {budget.TotalSeconds:0.#} s that the examination may take are over.");
        return false;
    }

    public void Measure(string name, double value) => Measurements.Add(new(name, value));

    public Tensor Loss(Tensor output, Tensor target) => loss(output, target);

    /// <summary>The mean loss of samples, in the model's present mode.</summary>
    public double LossOf(Sample sample)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        return loss(model.Forward(sample.Input), sample.Target).ToDouble();
    }

    /// <summary>Fills the gradients; the loss.</summary>
    public double Backward(Sample sample)
    {
        model.ZeroGrad();
        using Tape tape = new();
        Tensor result = loss(model.Forward(sample.Input), sample.Target);
        if (tape.Takes(result)) tape.Backward(result);
        return result.ToDouble();
    }

    /// <summary>A step on samples; the loss before it.</summary>
    public double Step(Optimizer optimizer, Sample sample, double? maxNorm = null)
    {
        optimizer.Prepare();
        double value = Backward(sample);
        if (maxNorm is { } limit) Clip.ByNorm(model.Parameters(), limit, throwIfNotFinite: false);
        if (double.IsFinite(value)) optimizer.Step();
        else optimizer.Abandon();
        model.ZeroGrad();
        return value;
    }

    /// <summary>Adam over what is not frozen.</summary>
    public Adam NewOptimizer(double rate) => new(model.Parameters().Where(parameter => !parameter.IsFrozen), rate);

    /// <summary>The same order for the same seed and purpose.</summary>
    public long[] Shuffled(int count, string purpose)
    {
        long[] order = new long[count];
        for (int i = 0; i < count; i++) order[i] = i;
        new Generator(options.Seed).Fork(purpose).Shuffle(order.AsSpan());
        return order;
    }

    /// <summary>How a module is called in findings: its path, and what it is.</summary>
    public static string NameOf(string path, Module module)
    {
        string kind = module.Children.Count == 0 ? module.ToString()! : module.GetType().Name;
        return path.Length == 0 ? kind : $"{path}: {kind}";
    }
}
