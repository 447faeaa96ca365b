using System.Xml.Linq;
using Gradwright.Data;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Searches of a function whose best place is known: rate 0.01, width 20, kind b.</summary>
public sealed class SearchTests
{
    private static readonly SearchSpace _space = new();
    private static readonly Hyperparameter<double> _rate = _space.LogUniform("rate", 1e-5, 1);
    private static readonly Hyperparameter<int> _width = _space.Integer("width", 1, 100);
    private static readonly Hyperparameter<string> _kind = _space.Choice("kind", "a", "b", "c");

    private static double Score(TrialContext trial)
        => 1 - Math.Pow(Math.Log10(trial.Get(_rate)) + 2, 2) / 10 - Math.Pow((trial.Get(_width) - 20) / 100.0, 2) - (trial.Get(_kind) == "b" ? 0 : 0.1);

    private static IEnumerable<TestCaseData> Strategies()
    {
        yield return new TestCaseData(SearchStrategy.Grid(5), 0.95).SetArgDisplayNames("grid");
        yield return new TestCaseData(SearchStrategy.Random(60), 0.93).SetArgDisplayNames("random");
        yield return new TestCaseData(SearchStrategy.CoarseToFine(60), 0.99).SetArgDisplayNames("coarse to fine");
        yield return new TestCaseData(SearchStrategy.Bayesian(30), 0.995).SetArgDisplayNames("Bayesian");
        yield return new TestCaseData(SearchStrategy.SuccessiveHalving(60), 0.93).SetArgDisplayNames("successive halving");
    }

    [TestCaseSource(nameof(Strategies))]
    public void Every_strategy_comes_near_the_best(SearchStrategy strategy, double expected)
    {
        SearchResult result = new HyperparameterSearch(_space, strategy) { Seed = 5 }.Run(Score);
        Assert.That(result.Best.Score, Is.GreaterThan(expected), result.ToString());
        Assert.That(result.IsComplete);
        Assert.That(result.Best.Get(_kind), Is.EqualTo("b"));
    }

    [TestCaseSource(nameof(Strategies))]
    public void A_search_that_is_interrupted_again_and_again_ends_as_one_that_is_not(SearchStrategy strategy, double expected)
    {
        _ = expected;
        using TemporaryFolder folder = new();
        string whole = Trials(new HyperparameterSearch(_space, strategy) { Seed = 5 }.Run(Score));
        int runs = 0, calls = 0;
        SearchResult result;
        do
        {
            using CancellationTokenSource stop = new();
            int left = 7;
            result = new HyperparameterSearch(_space, strategy) { Seed = 5, Folder = folder.Path }.Run(trial =>
            {
                if (left-- == 0) stop.Cancel();
                trial.Cancellation.ThrowIfCancellationRequested();
                calls++;
                return Score(trial);
            }, stop.Token);
            Assert.That(++runs, Is.LessThan(40));
        }
        while (!result.IsComplete);

        Assert.That(runs, Is.GreaterThan(3));
        Assert.That(calls, Is.EqualTo(result.Trials.Count), "no finished trial was repeated");
        Assert.That(Trials(result), Is.EqualTo(whole));
    }

    [Test]
    public void The_seed_decides_what_is_tried()
    {
        string Of(ulong seed) => Trials(new HyperparameterSearch(_space, SearchStrategy.Bayesian(12)) { Seed = seed }.Run(Score));
        Assert.That(Of(1), Is.EqualTo(Of(1)).And.Not.EqualTo(Of(2)));
    }

    [Test]
    public void A_trial_that_crashes_or_diverges_is_told_and_the_search_goes_on()
    {
        SearchResult result = new HyperparameterSearch(_space, SearchStrategy.Bayesian(16)) { Seed = 1 }.Run(trial =>
            trial.Number % 3 == 1 ? throw new DivergenceException("the loss is NaN") : trial.Number % 3 == 2 ? double.NaN : Score(trial));
        Assert.That(result.Trials, Has.Count.EqualTo(16));
        Assert.That(result.Ranking, Has.Count.EqualTo(6));
        Assert.That(result.Trials[1].ToString(), Does.Contain("failed: DivergenceException: the loss is NaN"));
        Assert.That(result.Trials[2].Message, Is.EqualTo("its score is NaN"));
        Assert.That(result.ToTable(), Does.Contain("failed"));
        SearchResult none = new HyperparameterSearch(_space, SearchStrategy.SuccessiveHalving(9)).Run(_ => throw new InvalidOperationException("no data"));
        Assert.That(() => none.Best, Throws.InvalidOperationException.With.Message.Contains("9 failed, the first since InvalidOperationException: no data"));
    }

    [Test]
    public void Halving_gives_the_best_third_three_times_the_budget_and_their_seed_and_folder()
    {
        using TemporaryFolder folder = new();
        List<(int Number, double Budget, ulong Seed, string Folder)> seen = [];
        SearchResult result = new HyperparameterSearch(_space, SearchStrategy.SuccessiveHalving(9, firstBudget: 2)) { Folder = folder.Path }.Run(trial =>
        {
            lock (seen) seen.Add((trial.Number, trial.Budget, trial.Seed, trial.Folder));
            return Score(trial);
        });
        Assert.That(seen.Select(s => s.Budget), Is.EqualTo(new double[] { 2, 2, 2, 2, 2, 2, 2, 2, 2, 6, 6, 6, 18 }));
        int[] best = [.. result.Trials.Take(9).OrderByDescending(trial => trial.Score).Take(3).Select(trial => trial.Number)];
        Assert.That(result.Trials.Skip(9).Take(3).Select(trial => trial.Configuration), Is.EqualTo(best));
        Assert.That(result.Best.Budget, Is.EqualTo(18));
        Assert.That(seen[12] with { Number = 0, Budget = 0 }, Is.EqualTo(seen[best[0]] with { Number = 0, Budget = 0 }));
    }

    [Test]
    public void A_best_at_the_end_of_a_range_is_warned_of()
    {
        SearchSpace space = new();
        Hyperparameter<double> rate = space.LogUniform("rate", 1e-4, 1);
        Hyperparameter<int> layers = space.Integer("layers", 1, 4);
        IReadOnlyList<string> Warnings(Func<TrialContext, double> score) => new HyperparameterSearch(space, SearchStrategy.Random(60)).Run(score).BorderWarnings;
        Assert.That(Warnings(trial => trial.Get(rate) - Math.Abs(trial.Get(layers) - 2)), Has.Count.EqualTo(1).And.One.Contains("the best rate").And.One.Contains("upper end of 0.0001 … 1, logarithmic"));
        Assert.That(Warnings(trial => -Math.Abs(Math.Log10(trial.Get(rate)) + 2) - trial.Get(layers)), Has.Count.EqualTo(1).And.One.Contains("the best layers, 1, lies at the lower end"));
        Assert.That(Warnings(trial => -Math.Abs(Math.Log10(trial.Get(rate)) + 2) - Math.Abs(trial.Get(layers) - 2)), Is.Empty);
    }

    [Test]
    public void A_journal_of_another_search_is_refused_and_more_trials_are_welcome()
    {
        using TemporaryFolder folder = new();
        SearchResult Run(SearchStrategy strategy, ulong seed = 1) => new HyperparameterSearch(_space, strategy) { Seed = seed, Folder = folder.Path }.Run(Score);
        SearchResult first = Run(SearchStrategy.Random(5));
        Assert.That(Run(SearchStrategy.Random(8)).Trials.Take(5).Select(t => t.Score), Is.EqualTo(first.Trials.Select(t => t.Score)));
        Assert.That(() => Run(SearchStrategy.Random(5), seed: 2), Throws.InvalidOperationException.With.Message.Contains("belongs to another search"));
        Assert.That(() => Run(SearchStrategy.Grid(3)), Throws.InvalidOperationException.With.Message.Contains("trial 0 was one with rate"));
        File.AppendAllText(folder["search.jsonl"], "{\"tri");
        Assert.That(() => Run(SearchStrategy.Random(8)), Throws.TypeOf<FormatException>().With.Message.Contains("line 10"));
    }

    [Test]
    public void Two_searches_do_not_share_a_folder()
    {
        using TemporaryFolder folder = new();
        HyperparameterSearch search = new(_space, SearchStrategy.Random(1)) { Folder = folder.Path };
        SearchResult result = search.Run(_ => new HyperparameterSearch(_space, SearchStrategy.Random(1)) { Folder = folder.Path }.Run(Score).Best.Score);
        Assert.That(result.Trials[0].Message, Does.Contain("another search seems to be running there"));
    }

    [Test]
    public void A_strategy_cannot_use_results_that_it_has_not_waited_for()
    {
        HyperparameterSearch hasty = new(_space, new Hasty());
        Assert.That(() => hasty.Run(Score), Throws.InvalidOperationException.With.Message.Contains("SearchStep.Wait(1)"));
    }

    [Test]
    public void A_configuration_is_scored_by_cross_validation_and_finished_folds_are_kept()
    {
        using TemporaryFolder folder = new();
        Fold[] folds = KFold.Random(10, 5, seed: 1);
        List<string> trained = [];
        SearchResult Run(CancellationTokenSource stop) => new HyperparameterSearch(_space, SearchStrategy.Random(2)) { Folder = folder.Path }.Run(
            trial => trial.CrossValidate(folds, (fold, part) =>
            {
                part.Cancellation.ThrowIfCancellationRequested();
                trained.Add(Path.GetFileName(Path.GetDirectoryName(part.Folder)) + "/" + Path.GetFileName(part.Folder));
                if (trained.Count == 8) stop.Cancel();
                return fold.Validation.Sum() + trial.Number;
            }), stop.Token);
        using CancellationTokenSource first = new(), second = new();
        Assert.That(Run(first).IsComplete, Is.False);
        SearchResult result = Run(second);
        Assert.That(result.IsComplete);
        Assert.That(trained.Distinct().Count(), Is.EqualTo(10));
        Assert.That(trained, Has.Count.EqualTo(11), "only the fold that was interrupted was trained twice");
        Assert.That(result.Trials.Select(trial => trial.Score), Is.EqualTo(new[] { 9.0, 10 }).Within(1e-12), "the sum of 0 to 9 over five folds");
        Assert.That(result.Trials[0].Reports, Has.Count.EqualTo(5));
    }

    [Test]
    public void A_trainer_goes_on_from_its_checkpoint_and_its_best_weights_have_the_score_in_their_name()
    {
        using TemporaryFolder folder = new();
        List<long> from = [];
        SearchResult result = new HyperparameterSearch(_space, SearchStrategy.SuccessiveHalving(3)) { Folder = folder.Path }.Run(trial =>
        {
            using TinyTask task = new(Path.Combine(trial.Folder, "checkpoints"), callbacks: [trial.Watch("accuracy")], learningRate: trial.Get(_rate));
            task.Trainer.Resume();
            from.Add(task.Trainer.Epoch);
            trial.Fit(task.Trainer, (long)trial.Budget);
            return task.Trainer.History.Best("accuracy")!.Validation[1];
        });
        Assert.That(from, Is.EqualTo(new long[] { 0, 0, 0, 1 }), string.Join('\n', result.Trials));
        IReadOnlyList<TrialFolder> left = TrialFolder.List(folder.Path);
        Assert.That(left.Select(l => l.Configuration), Is.EqualTo(new[] { 0, 1, 2 }));
        TrialFolder best = left[result.Best.Configuration];
        Assert.That(best.Score, Is.EqualTo(result.Best.Score).Within(1e-6));
        Assert.That(result.BestModel, Is.EqualTo(best.BestModel).And.Contains("-accuracy-"));
        Assert.That(result.Best.Reports, Has.Count.EqualTo(2), "two more epochs");
    }

    [Test]
    public void The_result_is_a_table_a_file_and_a_picture()
    {
        using TemporaryFolder folder = new();
        SearchResult result = new HyperparameterSearch(_space, SearchStrategy.Random(30)) { Seed = 2 }.Run(trial => trial.Number == 4 ? double.NaN : Score(trial));
        string[] lines = result.ToTable(10).TrimEnd().Split('\n');
        Assert.That(lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { "rank", "trial", "score", "budget", "rate", "width", "kind", "seconds", "remark" }));
        Assert.That(lines, Has.Length.EqualTo(12));
        Assert.That(lines[^1], Is.EqualTo("… and 20 more"));
        result.SaveCsv(folder["table.csv"]);
        Assert.That(File.ReadAllLines(folder["table.csv"]), Has.Length.EqualTo(31));
        result.SavePicture(folder["search.svg"]);
        XElement svg = XElement.Load(folder["search.svg"]);
        XNamespace ns = "http://www.w3.org/2000/svg";
        XElement[] drawn = [.. svg.Elements(ns + "polyline")];
        Assert.That(drawn, Has.Length.EqualTo(31), "29 trials, the failed one, and the best once more");
        Assert.That(drawn.Select(line => line.Attribute("points")!.Value.Split(' ').Length).Count(n => n == 3), Is.EqualTo(1), "the failed one ends before the score");
        Assert.That(svg.Elements(ns + "text").Select(t => t.Value), Is.SupersetOf(new[] { "29 trials, 1 failed", "rate", "width", "kind", "score", "b", "1E-05" }));
    }

    private static string Trials(SearchResult result) => string.Join('\n', result.Trials.Select(t => $"{t.Number} {t.Configuration} {t.Budget} {string.Join(' ', t.Position.Select(p => $"{p:R}"))} {t.Score:R}"));

    private sealed class Hasty : SearchStrategy
    {
        public override IEnumerable<SearchStep> Steps(SearchHistory history)
        {
            yield return SearchStep.Try([0.5, 0.5, 0.5]);
            yield return SearchStep.Try(history.First(1)[0].Position);
        }
    }
}
