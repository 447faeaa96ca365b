using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Gradwright.Training;

/// <summary>The worker's side: runs the trials that the master orders on the standard input, until that ends.</summary>
internal static class SearchWorker
{
    public const string Variable = "GRADWRIGHT_SEARCH_WORKER";

    private static readonly Lock _speaking = new();

    /// <summary>The folder of the search that this process works for; null in a program that works for none.</summary>
    public static string? ServedFolder { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Works, and ends the process.</summary>
    [DoesNotReturn]
    public static void Serve(SearchSpace space, Func<TrialContext, double> train, ulong seed, string folder, TrialLimit limit)
    {
        // Ctrl-C reaches a terminal's whole group: the master hears it too, and says what to do.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using CancellationTokenSource stop = new();
        using BlockingCollection<string> orders = [];
        Thread listener = new(() => Listen(orders, stop)) { IsBackground = true, Name = "search worker" };
        listener.Start();
        Say(WorkerMessage.Ready);
        foreach (string order in orders.GetConsumingEnumerable())
        {
            Trial trial = WorkerMessage.ToTrial(space, order);
            LocalTrials.Run(trial, train, seed, folder, limit, (_, score) => Say(WorkerMessage.Report, WorkerMessage.Number(score)), stop.Token);
            Console.Out.Flush();
            if (trial.State == TrialState.Finished) Say(WorkerMessage.Finished, WorkerMessage.Number(trial.Score));
            else if (trial.State == TrialState.Failed) Say(WorkerMessage.Failed, Uri.EscapeDataString(trial.Message ?? ""));
            else if (trial.State == TrialState.TimedOut) Say(WorkerMessage.TimedOut);
            else Say(WorkerMessage.Interrupted);
        }

        Environment.Exit(0);
    }

    private static void Listen(BlockingCollection<string> orders, CancellationTokenSource stop)
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line == WorkerMessage.Stop) stop.Cancel();
            else orders.Add(line);
        }

        Environment.Exit(0);        // the master is gone, or needs this worker no longer; files are whole at any moment
    }

    private static void Say(params ReadOnlySpan<string> words)
    {
        byte[] line = Encoding.UTF8.GetBytes($"\n{WorkerMessage.Mark}{string.Join(' ', words)}\n");
        lock (_speaking)
        {
            using Stream output = Console.OpenStandardOutput();     // past Console.Out, which the program may have turned elsewhere
            output.Write(line);
        }
    }
}
