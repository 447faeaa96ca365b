using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Gradwright.Data;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>What somebody needs to know to repeat a training.</summary>
internal static class ReportEnvironment
{
    private static readonly string[] _framework = ["System", "Microsoft", "netstandard", "mscorlib"];      // these have .NET's version

    /// <summary>What the trainer was told.</summary>
    public static ReportFacts HyperParameters(Trainer trainer)
    {
        LoaderState data = trainer.Data.State;
        List<ReportFact> facts =
        [
            new("optimizer", trainer.Optimizer.ToString() ?? ""),
            new("batch", $"{trainer.Data.BatchSize:N0} samples{(trainer.AccumulateSteps > 1 ? $" × {trainer.AccumulateSteps} per step" : "")}"),
            new("steps per epoch", $"{StepsPerEpoch(trainer):N0}"),
            new("training data", $"{trainer.Data.Dataset.Count:N0} samples, {trainer.Data.Input} → {trainer.Data.Target}"),
            new("validation data", trainer.Validation is null ? "none" : $"{trainer.Validation.Dataset.Count:N0} samples"),
            new("seed of the data's order", data.Seed?.ToString(CultureInfo.InvariantCulture) ?? "none: not shuffled"),
            new("epochs", $"{trainer.Epochs:N0}"),
        ];
        if (trainer.MaxGradientNorm is { } norm) facts.Add(new("gradients' largest norm", $"{norm:G6}"));
        if (trainer.MaxGradient is { } most) facts.Add(new("gradients' largest element", $"{most:G6}"));
        if (trainer.Precision != MixedPrecision.Off) facts.Add(new("precision", $"{trainer.Precision}"));
        if (trainer.LossScaler is not null) facts.Add(new("loss scale", $"{trainer.LossScaler.State.Scale:G6}"));
        if (trainer.Mixup is not null) facts.Add(new("mixup", $"{trainer.Mixup}"));
        if (trainer.Average is not null) facts.Add(new("average of weights", $"{trainer.Average}"));
        return new("Hyper-parameters", [.. facts, .. trainer.Settings.Select(entry => new ReportFact(entry.Key, entry.Value))]);
    }

    /// <summary>Optimizer steps of a whole epoch.</summary>
    public static long StepsPerEpoch(Trainer trainer) => (trainer.Data.BatchesPerEpoch + trainer.AccumulateSteps - 1) / trainer.AccumulateSteps;

    /// <summary>How the program was called, and from which commit.</summary>
    public static ReportFacts Run(string commandLine)
        => new("Run",
        [
            new("command line", commandLine),
            new("folder", Environment.CurrentDirectory),
            new("commit", GitCommit.Of(Environment.CurrentDirectory) ?? "none: the folder is in no Git repository"),
            new("process", $"{Environment.ProcessId}"),
        ]);

    /// <summary>Machine and software.</summary>
    public static ReportFacts Machine()
        => new("Environment",
        [
            new("accelerator", $"{Accelerator.Default.Name}: {Accelerator.Default.Description}"),
            new("processor", $"{ProcessorName()}, {Environment.ProcessorCount} logical cores, {WorkerPool.Shared.Threads} threads for kernels"),
            new("vectors", Vectors()),
            new("memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0.0} GB"),
            new("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
            new(".NET", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"),
            .. Packages(),
        ]);

    private static string Vectors()
        => Vector512.IsHardwareAccelerated ? "512 bits" : Vector256.IsHardwareAccelerated ? "256 bits" : Vector128.IsHardwareAccelerated ? "128 bits" : "none";

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo", key = "model name";
        try
        {
            if (File.Exists(file) && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line)
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What the system does not tell is not known.
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
    }

    private static string VersionOf(Assembly assembly)
        => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{assembly.GetName().Version}";

    private static IEnumerable<ReportFact> Packages()
        => AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic)
            .Select(assembly => (assembly.GetName().Name, Version: VersionOf(assembly)))
            .Where(entry => entry.Name is { } name && !_framework.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
            .GroupBy(entry => entry.Version, entry => entry.Name!).OrderBy(group => group.Min(), StringComparer.Ordinal)
            .Select(group => new ReportFact(string.Join(", ", group.Order(StringComparer.Ordinal)), group.Key));
}
