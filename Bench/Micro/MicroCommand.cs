using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Gradwright.Bench;

/// <summary>The command <c>micro</c>: everything behind it goes to BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    /// <summary>For the help text only: BenchmarkDotNet parses its own arguments.</summary>
    public static Command Create() => new("micro", "BenchmarkDotNet on single kernels; takes its arguments, such as --filter '*MatMul*', --list flat, --job short.");

    public static int Run(string[] args)
    {
        // In this process: a generated project would have to repeat the solution's settings, and nothing here needs a second runtime.
        IConfig config = ManualConfig.Create(DefaultConfig.Instance).AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).AsDefault());
        BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
        return 0;
    }
}
