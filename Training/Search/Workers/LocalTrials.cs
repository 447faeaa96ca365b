using System.Diagnostics;

namespace Gradwright.Training;

/// <summary>Trials in this process, one at a time.</summary>
internal sealed class LocalTrials(Func<TrialContext, double> train, ulong seed, string? folder, TrialLimit limit, Action<Trial, double>? reported, CancellationToken cancellation)
    : ITrialRunner
{
    private Trial? _trial;

    public void Start(Trial trial) => _trial = trial;

    public Trial Next()
    {
        Trial trial = _trial ?? throw new InvalidOperationException("LocalTrials: no trial is running.");
        _trial = null;
        Run(trial, train, seed, folder, limit, reported, cancellation);
        return trial;
    }

    public void Dispose() { }

    /// <summary>Runs a trial and fills in its result; interrupted, it has none.</summary>
    internal static void Run(Trial trial, Func<TrialContext, double> train, ulong seed, string? searchFolder, TrialLimit limit, Action<Trial, double>? reported,
        CancellationToken cancellation)
    {
        List<double> reports = [];
        string? folder = searchFolder is null ? null : TrialFolder.NameOf(searchFolder, trial.Configuration);
        if (folder is not null) Directory.CreateDirectory(folder);
        using CancellationTokenSource timer = limit.Start(), either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        TrialContext context = new(trial, seed, folder, Report, either.Token);
        long start = Stopwatch.GetTimestamp();
        try
        {
            double score = train(context);
            if (context.IsInterrupted && cancellation.IsCancellationRequested) return;
            if (context.IsInterrupted) trial.TimeOut(reports, limit.Time!.Value, killed: false);
            else if (double.IsFinite(score)) (trial.State, trial.Score) = (TrialState.Finished, score);
            else (trial.State, trial.Message) = (TrialState.Failed, $"its score is {score}");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            trial.TimeOut(reports, limit.Time!.Value, killed: false);
        }
#pragma warning disable CA1031 // a trial may fail in whatever way: it is told, and the search goes on
        catch (Exception e)
#pragma warning restore CA1031
        {
            (trial.State, trial.Message) = (TrialState.Failed, $"{e.GetType().Name}: {e.Message}");
        }

        (trial.Seconds, trial.Reports) = (Stopwatch.GetElapsedTime(start).TotalSeconds, reports);

        void Report(double score)
        {
            reports.Add(score);
            reported?.Invoke(trial, score);
        }
    }
}
