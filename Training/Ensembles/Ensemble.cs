using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Several models as one, usually better than each: from other initial values, from the folds of a cross-validation, or from several checkpoints of one training.
/// </summary>
/// <example><code>
/// using Ensemble ensemble = Ensemble.Load(() => new LeNet5(), best.Files);
/// Trainer.Evaluate(ensemble, test, new Accuracy());
/// </code></example>
public sealed class Ensemble : Module<Tensor, Tensor>
{
    [StateName("models")]
    private readonly Module<Tensor, Tensor>[] _models;
    private readonly EnsembleRule _rule;

    /// <summary>Joins models, which belong to the ensemble from now on.</summary>
    /// <param name="models">At least one; all with outputs of the same shape.</param>
    /// <param name="rule">How their outputs become one.</param>
    public Ensemble(IEnumerable<Module<Tensor, Tensor>> models, EnsembleRule rule = EnsembleRule.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(models);
        _models = [.. models];
        _rule = rule;
        if (_models.Length == 0 || Array.Exists(_models, model => model is null))
            throw new ArgumentException($"Ensemble: there must be at least one model and no null, but there are {_models.Length}, {_models.Count(model => model is null)} of them null.", nameof(models));
    }

    /// <summary>One model per file of weights or checkpoint.</summary>
    /// <param name="create">Makes a model of the files' architecture.</param>
    /// <param name="paths">What <see cref="ModelFiles"/> loads: checkpoints of a trainer, or safetensors files.</param>
    /// <param name="rule">How their outputs become one.</param>
    public static Ensemble Load(Func<Module<Tensor, Tensor>> create, IEnumerable<string> paths, EnsembleRule rule = EnsembleRule.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(paths);
        List<Module<Tensor, Tensor>> models = [];
        try
        {
            foreach (string path in paths)
            {
                models.Add(create());
                models[^1].LoadWeights(path);
            }

            return new(models, rule);
        }
        catch
        {
            foreach (Module<Tensor, Tensor> model in models) model.Dispose();
            throw;
        }
    }

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor[] outputs = Array.ConvertAll(_models, model => Opinion(model.Forward(x)));
        Tensor all = Tensor.Stack(outputs);     // [models, …]
        return _rule == EnsembleRule.Probabilities ? all.LogSumExp(0) - Math.Log(_models.Length) : all.Mean(0);
    }

    private Tensor Opinion(Tensor output)
    {
        if (_rule == EnsembleRule.Outputs) return output;
        if (output.Rank < 2)
            throw new ShapeException($"Ensemble: {_rule} needs scores [batch, classes, …], but a model gave {output.Shape}. Use {nameof(EnsembleRule)}.{nameof(EnsembleRule.Outputs)} for numbers.");
        if (_rule == EnsembleRule.Probabilities) return output.LogSoftmax(1);
        Tensor votes = output.ArgMax(1).OneHot(output.Shape[1], output.DType);      // [batch, …, classes]
        int[] order = [0, votes.Rank - 1, .. Enumerable.Range(1, votes.Rank - 2)];
        return votes.Permute(order);
    }

    public override string ToString() => $"Ensemble({_models.Length} models, {_rule})";
}
