using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gradwright.Training;

/// <summary>Trials side by side in processes that are this program again. One that dies takes its trial with it, and nothing else.</summary>
internal sealed class WorkerTrials : ITrialRunner
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(20);     // for a step and a checkpoint

    private readonly string _folder;
    private readonly ProcessStartInfo? _program;
    private readonly int _threads;
    private readonly TrialLimit _limit;
    private readonly Action<Trial, double>? _reported;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _stop;
    private readonly List<WorkerProcess> _workers = [];
    private readonly BlockingCollection<(WorkerProcess Worker, string[]? Words)> _messages = [];
    private Timer? _deadline;

    public WorkerTrials(int workers, string folder, ProcessStartInfo? program, TrialLimit limit, Action<Trial, double>? reported, CancellationToken cancellation)
    {
        (_folder, _program, _limit, _reported, _cancellation) = (folder, program, limit, reported, cancellation);
        _threads = Math.Max(1, Environment.ProcessorCount / workers);
        _stop = cancellation.Register(StopAll);
    }

    public void Start(Trial trial)
    {
        WorkerProcess? idle = _workers.Find(worker => worker.Trial is null);
        if (idle is null)
        {
            idle = new(Program(), _folder, _messages);
            lock (_workers) _workers.Add(idle);
        }

        idle.Begin(trial);
        if (idle.IsReady) Limit(idle);
        if (_cancellation.IsCancellationRequested) idle.Send(WorkerMessage.Stop);
    }

    public Trial Next()
    {
        while (true)
        {
            (WorkerProcess worker, string[]? words) = _messages.Take();
            if (words is null) lock (_workers) _workers.Remove(worker);
            if (worker.Trial is not { } trial)
            {
                worker.IsReady |= words is [WorkerMessage.Ready];
                continue;
            }

            switch (words)
            {
                case [WorkerMessage.Ready]:
                    worker.IsReady = true;
                    Limit(worker);
                    continue;
                case [WorkerMessage.Overdue, var number]:
                    if (number == WorkerMessage.Number(trial.Number)) worker.KillOverdue();
                    continue;
                case [WorkerMessage.TimedOut]:
                    trial.TimeOut(worker.Reports, _limit.Time!.Value, killed: false);
                    break;
                case null when worker.IsOverdue:
                    trial.TimeOut(worker.Reports, _limit.Time!.Value, killed: true);
                    break;
                case [WorkerMessage.Report, var score]:
                    worker.Reports.Add(WorkerMessage.ToNumber(score));
                    _reported?.Invoke(trial, worker.Reports[^1]);
                    continue;
                case [WorkerMessage.Finished, var score]:
                    (trial.State, trial.Score) = (TrialState.Finished, WorkerMessage.ToNumber(score));
                    break;
                case [WorkerMessage.Failed, var message]:
                    (trial.State, trial.Message) = (TrialState.Failed, Uri.UnescapeDataString(message));
                    break;
                case null when !_cancellation.IsCancellationRequested:
                    string verdict = worker.Verdict();
                    if (!worker.IsReady) throw new InvalidOperationException($"A worker did not come to the search: {verdict}\nIt is this program with the same arguments, unless {nameof(HyperparameterSearch.WorkerProgram)} says otherwise.");
                    (trial.State, trial.Message) = (TrialState.Failed, verdict);
                    break;
                case null or [WorkerMessage.Interrupted]:
                    break;
                default:
                    continue;
            }

            (trial.Seconds, trial.Reports) = (worker.Elapsed.TotalSeconds, worker.Reports);
            worker.End();
            return trial;
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _deadline?.Dispose();
        foreach (WorkerProcess worker in _workers) worker.Dispose();
    }

    // The start of the program does not count.
    private void Limit(WorkerProcess worker)
    {
        if (_limit.Time is { } time) worker.Limit(time + _limit.Grace, _limit.Clock, words => _messages.Add((worker, words)));
    }

    private void StopAll()
    {
        lock (_workers)
        {
            foreach (WorkerProcess worker in _workers) worker.Send(WorkerMessage.Stop);
            WorkerProcess[] asked = [.. _workers];
            _deadline = new(_ => Array.ForEach(asked, worker => worker.Kill()), null, _grace, Timeout.InfiniteTimeSpan);
        }
    }

    private ProcessStartInfo Program()
    {
        ProcessStartInfo start = new() { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (_program is null)
        {
            start.FileName = Environment.ProcessPath ?? throw new InvalidOperationException($"The path of this program is not known. Set {nameof(HyperparameterSearch.WorkerProgram)}.");
            string[] line = Environment.GetCommandLineArgs();       // the program's library, where it is run by the dotnet command
            foreach (string argument in Path.GetFileNameWithoutExtension(start.FileName) == "dotnet" ? line : line[1..]) start.ArgumentList.Add(argument);
        }
        else
        {
            start.FileName = _program.FileName;
            foreach (string argument in _program.ArgumentList) start.ArgumentList.Add(argument);
            foreach ((string name, string? value) in _program.Environment) start.Environment[name] = value;
        }

        start.Environment[SearchWorker.Variable] = _folder;
        if (string.IsNullOrEmpty(start.Environment.TryGetValue("GRADWRIGHT_THREADS", out string? threads) ? threads : null)) start.Environment["GRADWRIGHT_THREADS"] = $"{_threads}";
        return start;
    }
}
