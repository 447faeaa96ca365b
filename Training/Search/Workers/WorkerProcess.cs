using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gradwright.Training;

/// <summary>The master's end of a worker. Messages go into a queue; all else that it prints goes into its trial's folder.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int TailLength = 12;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _folder;
    private readonly Lock _lock = new();
    private readonly Queue<string> _tail = new();
    private string? _outputPath;
    private long _started;      // timestamp
    private ITimer? _deadline;

    /// <param name="program">What to start.</param>
    /// <param name="folder">Of the search.</param>
    /// <param name="messages">Gets the words of each message, and null when the worker has ended.</param>
    public WorkerProcess(ProcessStartInfo program, string folder, BlockingCollection<(WorkerProcess Worker, string[]? Words)> messages)
    {
        _folder = folder;
        _process = new() { StartInfo = program };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(WorkerMessage.Mark, StringComparison.Ordinal) == true) messages.Add((this, line.Data[WorkerMessage.Mark.Length..].Split(' ')));
            else if (line.Data is null) messages.Add((this, null));
            else Print(line.Data);
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) Print(line.Data);
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether it has come to the search.</summary>
    public bool IsReady { get; set; }

    /// <summary>What it is working on.</summary>
    public Trial? Trial { get; private set; }

    /// <summary>The scores that the trial has reported.</summary>
    public List<double> Reports { get; private set; } = [];

    /// <summary>Since the trial began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>The last lines that it printed.</summary>
    public string Tail
    {
        get
        {
            lock (_lock) return string.Join('\n', _tail);
        }
    }

    public void Begin(Trial trial)
    {
        (Trial, Reports, _started) = (trial, [], Stopwatch.GetTimestamp());
        lock (_lock)
        {
            _tail.Clear();
            _outputPath = Path.Combine(TrialFolder.NameOf(_folder, trial.Configuration), "output.txt");
        }

        Send(WorkerMessage.Of(trial));
    }

    public void End()
    {
        Trial = null;
        _deadline?.Dispose();
        _deadline = null;
    }

    /// <summary>Whether it was killed because its trial did not stop in time.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>From now on its trial has so much time, until a message says that it is <see cref="WorkerMessage.Overdue"/>.</summary>
    public void Limit(TimeSpan time, TimeProvider clock, Action<string[]> overdue)
    {
        string[] words = [WorkerMessage.Overdue, WorkerMessage.Number(Trial!.Number)];
        _deadline = clock.CreateTimer(_ => overdue(words), null, time, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Kills it for a trial that has not stopped.</summary>
    public void KillOverdue()
    {
        IsOverdue = true;
        Kill();
    }

    public void Send(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has died: the end of its output says so.
        }
    }

    /// <summary>How it ended, once it has.</summary>
    public string Verdict()
    {
        _process.WaitForExit();
        return $"its process ended with code {_process.ExitCode}{(Tail is { Length: > 0 } tail ? $", after saying: {tail}" : "")}";
    }

    /// <summary>Ends it: kindly, if that is quick.</summary>
    public void Dispose()
    {
        _deadline?.Dispose();
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // As in Send.
        }

        if (!_process.WaitForExit(_patience)) Kill();
        _process.Dispose();
    }

    /// <summary>Ends it at once, if it has not ended.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has, and nobody waits for it any more.
        }
    }

    private void Print(string line)
    {
        lock (_lock)
        {
            if (line.Length == 0) return;
            _tail.Enqueue(line);
            if (_tail.Count > TailLength) _tail.Dequeue();
            if (_outputPath is null) return;
            Directory.CreateDirectory(Path.GetDirectoryName(_outputPath)!);
            File.AppendAllText(_outputPath, line + "\n");
        }
    }
}
