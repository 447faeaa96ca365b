using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Weak classifiers as a strong one (SAMME: Zhu, Zou, Rosset and Hastie, "Multi-class AdaBoost", 2009; with two classes Freund and Schapire's of 1997): each learns most from what
/// those before got wrong, and votes with α = ln((1 − ε)/ε) + ln(K − 1), where ε is the weight of the samples that it gets wrong.
/// </summary>
/// <example><code>
/// using AdaBoost boosted = AdaBoost.Fit(data, classes: 10, rounds: 20, round =>
/// {
///     using DataLoader loader = new(data, 32, shuffleSeed: (ulong)round.Number, sampler: round.Sampler);
///     return Train(new Linear(784, 10), loader);
/// });
/// boosted.Save("boosted.safetensors");
/// using AdaBoost again = AdaBoost.Load(() => new Linear(784, 10), "boosted.safetensors");
/// </code></example>
/// <remarks>Its outputs are each class's share of the votes, [batch, classes]; an ArgMax decides. It is not to be trained as a whole.</remarks>
public sealed class AdaBoost : Module<Tensor, Tensor>
{
    private const string VotesName = "votes";
    private const int Batch = 256;

    [StateName("models")]
    private readonly Module<Tensor, Tensor>[] _models;

    [Buffer]
    [StateName(VotesName)]
    private readonly Tensor _votes;

    /// <summary>Joins models that were boosted before, which belong to it from now on.</summary>
    /// <param name="models">At least one; all with scores [batch, classes].</param>
    /// <param name="votes">α of each: positive.</param>
    public AdaBoost(IEnumerable<Module<Tensor, Tensor>> models, IEnumerable<double> votes)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(votes);
        _models = [.. models];
        double[] all = [.. votes];
        if (_models.Length == 0 || _models.Length != all.Length || !Array.TrueForAll(all, vote => vote > 0 && double.IsFinite(vote)))
            throw new ArgumentException($"AdaBoost: each of one or more models needs a positive vote, but there are {_models.Length} models and the votes [{string.Join(", ", all)}].", nameof(votes));
        using (TensorScope.Suspend()) _votes = Tensor.From(all);
    }

    /// <summary>α of each model.</summary>
    public IReadOnlyList<double> Votes => _votes.ToArray<double>();

    /// <summary>Trains one model after the other. Ends early with one that makes no mistake, and before one that is no better than chance.</summary>
    /// <param name="data">Samples whose targets are Int64 classes [].</param>
    /// <param name="classes">K, 2 or more.</param>
    /// <param name="rounds">The most models.</param>
    /// <param name="train">Makes and trains a model; its scores are [batch, classes].</param>
    /// <exception cref="InvalidOperationException">Already the first model is no better than chance.</exception>
    public static AdaBoost Fit(IDataset data, int classes, int rounds, Func<BoostingRound, Module<Tensor, Tensor>> train)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        if (data.Target.DType != DType.Int64 || data.Target.Shape.Rank > 0)
            throw new ArgumentException($"AdaBoost: targets must be Int64 classes [], but are {data.Target}.", nameof(data));
        double[] weights = new double[data.Count];
        Array.Fill(weights, 1.0 / weights.Length);
        List<Module<Tensor, Tensor>> models = [];
        List<double> votes = [];
        try
        {
            while (models.Count < rounds)
            {
                Module<Tensor, Tensor> model = train(new(models.Count, [.. weights]));
                models.Add(model);
                bool[] wrong = Mistakes(model, data, classes);
                double error = weights.Where((_, i) => wrong[i]).Sum();
                if (error >= 1 - 1.0 / classes)
                {
                    if (votes.Count == 0)
                        throw new InvalidOperationException($"AdaBoost: the first model gets {error:P1} of the samples wrong, no better than chance among {classes} classes. Train it longer, or a stronger one.");
                    models.Remove(model);
                    model.Dispose();
                    break;
                }

                // One that makes no mistake would outvote all others; it counts as if it were half wrong about one sample.
                double least = 0.5 / weights.Length, vote = Math.Log((1 - Math.Max(error, least)) / Math.Max(error, least)) + Math.Log(classes - 1);
                votes.Add(vote);
                if (error == 0) break;
                Emphasize(weights, wrong, Math.Exp(vote));
            }

            return new(models, votes);
        }
        catch
        {
            foreach (Module<Tensor, Tensor> model in models) model.Dispose();
            throw;
        }
    }

    /// <summary>Loads what <see cref="Save"/> has written.</summary>
    /// <param name="create">Makes a model of the architecture that was boosted.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">The models of the file are others.</exception>
    /// <exception cref="FormatException">The file is damaged, or holds no AdaBoost.</exception>
    public static AdaBoost Load(Func<Module<Tensor, Tensor>> create, string path)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(path);
        using TensorScope scope = new();
        OrderedDictionary<string, Tensor> state = Safetensors.Load(path);
        if (!state.TryGetValue(VotesName, out Tensor? votes) || votes.DType != DType.Float64 || votes.Rank != 1 || votes.Count == 0 || !votes.ToArray<double>().All(vote => vote > 0 && double.IsFinite(vote)))
            throw new FormatException($"{path}: expected an AdaBoost, with positive Float64 numbers in '{VotesName}', but there {(votes is null ? "is none" : $"is {votes.Describe()}")}.");
        List<Module<Tensor, Tensor>> models = [];
        AdaBoost? loaded = null;
        try
        {
            for (long i = 0; i < votes.Count; i++) models.Add(create());
            loaded = new(models, votes.ToArray<double>());
            loaded.LoadState(state);
            return loaded;
        }
        catch
        {
            loaded?.Dispose();
            foreach (Module<Tensor, Tensor> model in models) model.Dispose();
            throw;
        }
    }

    /// <summary>Saves models and votes as a safetensors file, which appears whole or not at all.</summary>
    public void Save(string path) => Safetensors.Save(path, StateDictionary());

    public override string ToString() => $"AdaBoost({_models.Length} models)";

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor[] voices = Array.ConvertAll(_models, model => Voice(model.Forward(x)));
        Tensor votes = (_votes / _votes.Sum()).Cast(voices[0].DType).Reshape(-1, 1, 1);
        return (Tensor.Stack(voices) * votes).Sum(0);        // [models, batch, classes] → [batch, classes]
    }

    private static Tensor Voice(Tensor scores)
        => scores.Rank == 2 ? scores.ArgMax(1).OneHot(scores.Shape[1], scores.DType)
            : throw new ShapeException($"AdaBoost: the models' scores must be [batch, classes], but are {scores.Shape}.");

    // Which samples it gets wrong, in evaluation mode.
    private static bool[] Mistakes(Module<Tensor, Tensor> model, IDataset data, int classes)
    {
        List<bool> wrong = [];
        using Tape.Pause pause = Tape.NoRecord();
        using EvaluationMode mode = new(model);
        using DataLoader loader = new(data, Batch);
        foreach (Batch batch in loader)
        {
            using TensorScope scope = new();
            Tensor scores = model.Forward(batch.Input);
            if (scores.Rank != 2 || scores.Shape[1] != classes)
                throw new ShapeException($"AdaBoost: the scores of {model} must be [batch, {classes}], but are {scores.Shape}.");
            wrong.AddRange(scores.ArgMax(1).ToArray<long>().Zip(batch.Target.ToArray<long>(), (guess, target) => guess != target));
        }

        return [.. wrong];
    }

    private static void Emphasize(double[] weights, bool[] wrong, double factor)
    {
        for (int i = 0; i < weights.Length; i++)
            if (wrong[i]) weights[i] *= factor;
        double sum = weights.Sum();
        for (int i = 0; i < weights.Length; i++) weights[i] /= sum;
    }
}
