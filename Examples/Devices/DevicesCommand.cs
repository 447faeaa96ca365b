using System.CommandLine;

namespace Gradwright.Examples.Devices;

/// <summary>Lists what this machine can compute on, and what is missing for more.</summary>
internal static class DevicesCommand
{
    public static Command Create(TextWriter output)
    {
        Command command = new("devices", "List the accelerators of this machine, what each can do, and what to install for those that are missing.");
        command.SetAction(_ => Run(output));
        return command;
    }

    private static int Run(TextWriter output)
    {
        foreach (AcceleratorReport report in Accelerator.Survey())
        {
            output.WriteLine($"{report.Name,-9} {(report.IsAvailable ? "" : "not here: ")}{report.Description}");
            if (report.Traits is { } traits) output.WriteLine($"{"",-9} {Abilities(traits)}");
        }

        output.WriteLine();
        output.WriteLine($"Choose one with --accelerator NAME, with the environment variable {Accelerator.EnvironmentVariable}, or in code: Accelerator.Default = Accelerator.Open(\"opencl:0\").");
        return 0;
    }

    private static string Abilities(GpuTraits traits)
        => string.Join(", ", new[]
        {
            traits.Capability > 0 ? $"compute capability {traits.Capability / 10}.{traits.Capability % 10}" : "",
            $"{traits.Units} {(traits.Api == "CUDA" ? "multiprocessors" : "compute units")}",
            $"{traits.Memory / 1e9:0.0} GB of memory",
            $"{traits.SharedMemory / 1024} KB of shared memory and up to {traits.MaxGroupSize:N0} work items per group",
            traits.HasDouble ? "single and double precision" : "single precision only",
            traits.Capability >= 80 ? "tensor cores for TF32 and BFloat16" : "",
            traits.IsProcessor ? "a processor: for trying out, not for speed" : "",
        }.Where(text => text.Length > 0));
}
