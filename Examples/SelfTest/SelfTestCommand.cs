using System.CommandLine;

namespace Gradwright.Examples.SelfTest;

/// <summary>The command line of <see cref="SelfTestRun"/>.</summary>
internal static class SelfTestCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string?> accelerator = new("--accelerator") { Description = "The GPU to test: cuda:0 or opencl:0; without it, the first that the command devices lists.", HelpName = "NAME" };
        Option<string?> filter = new("--filter") { Description = "Test only ops whose name contains this text.", HelpName = "TEXT" };
        Option<bool> quick = new("--quick") { Description = "Compare results only; no timings." };
        Command command = new("selftest", "Run every kernel on a GPU against the CPU; print error, time and fraction of the device's limit.") { accelerator, filter, quick };
        command.SetAction(parsed => new SelfTestRun(Choose(parsed.GetValue(accelerator)), output).Run(parsed.GetValue(filter) ?? "", !parsed.GetValue(quick)));
        return command;
    }

    private static GpuAccelerator Choose(string? name)
    {
        name ??= Accelerator.Survey().FirstOrDefault(report => report is { IsAvailable: true, Traits: not null })?.Name
            ?? throw new AcceleratorException($"There is no GPU to test. {string.Join(" ", Accelerator.Survey().Where(r => !r.IsAvailable).Select(r => $"{r.Name}: {r.Description}"))}");
        return Accelerator.Open(name) as GpuAccelerator
            ?? throw new AcceleratorException($"'{name}' is what the results are compared with. Name a GPU: cuda:0 or opencl:0.");
    }
}
