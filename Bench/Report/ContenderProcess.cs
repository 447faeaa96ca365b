using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Gradwright.Bench;

/// <summary>
/// A contender that runs only while it is asked for lines: between them the system holds it (SIGSTOP), threads, spinning and all.
/// So several take turns case by case, and each loads its libraries once.
/// </summary>
internal sealed partial class ContenderProcess : IDisposable
{
    private const int Stop = 19, Continue = 18;      // Linux

    private readonly Process _process;
    private readonly Queue<string> _left;

    // A program that is held would outlive this one, with all its memory, when this one is interrupted.
    private readonly PosixSignalRegistration _interrupted, _terminated;

    public ContenderProcess(Contender contender, IReadOnlySet<string> cases)
    {
        Contender = contender;
        _left = new(contender.Chooses ? contender.Cases.Where(cases.Contains) : contender.Cases);
        ProcessStartInfo start = new(contender.FileName) { WorkingDirectory = contender.Folder ?? "", RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in contender.Arguments) start.ArgumentList.Add(argument);
        if (contender.Chooses)
        {
            start.ArgumentList.Add("--only");
            start.ArgumentList.Add($"^({string.Join('|', _left.Distinct().Select(Regex.Escape))})$");
        }

        foreach ((string name, string value) in contender.Environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => _process.Kill());
        _terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => _process.Kill());
        _process.ErrorDataReceived += (_, line) => LastWords = line.Data ?? LastWords;
        _process.BeginErrorReadLine();
        Send(Stop);
    }

    public Contender Contender { get; }

    /// <summary>The last thing it wrote to its error stream.</summary>
    public string LastWords { get; private set; } = "";

    /// <summary>The most memory that was resident at once until now, bytes.</summary>
    public long PeakBytes => 1024 * long.Parse(Regex.Match(File.ReadAllText($"/proc/{_process.Id}/status"), @"VmHWM:\s*(\d+)").Groups[1].Value);

    /// <summary>Lets it run until it has printed all its lines of a case: those, and what it prints before them. None if the case is not one of its own.</summary>
    public IEnumerable<string> Run(string name)
    {
        if (!_left.Contains(name)) return [];
        List<string> lines = [];
        Send(Continue);
        while (_left.Contains(name))
        {
            string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Contender.Profile} ended before it came to {name}: {LastWords}");
            _left.Dequeue();
            lines.Add(line);
        }

        Send(Stop);
        return lines;
    }

    public void Dispose()
    {
        _interrupted.Dispose();
        _terminated.Dispose();
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Send(int signal)
    {
        // After its last line it may be gone.
        if (Kill(_process.Id, signal) != 0 && !_process.HasExited) throw new InvalidOperationException($"{Contender.Profile}: kill({_process.Id}, {signal}) failed with {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
