using System.Diagnostics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>A meaningful part of the suite again in child processes of which the wider instruction sets are hidden.</summary>
public sealed class InstructionSetTests
{
    private const string Expected = "GRADWRIGHT_EXPECT_VECTOR_BITS",
        Ops = "FullyQualifiedName~OpSampleTests|FullyQualifiedName~GradCheckTests|FullyQualifiedName~Gradwright.Tests.Optim|Name~Instruction_sets_are_as_asked",
        OpsAndKernels = Ops + "|FullyQualifiedName~Gradwright.Tests.Kernels";

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);

    [Test]
    public void Instruction_sets_are_as_asked()
    {
        string? expected = Environment.GetEnvironmentVariable(Expected);
        if (expected is not null) Assert.That(SimdDispatch.Bits, Is.EqualTo(int.Parse(expected)));
        Assert.That(SimdDispatch.Bits, Is.AnyOf(0, 128, 256, 512));
        Assert.That(CpuAccelerator.Instance.Description, Does.Contain(SimdDispatch.Bits == 0 ? "no vectors" : $"{SimdDispatch.Bits}-bit"));
    }

    [TestCase("DOTNET_EnableAVX512", 256, OpsAndKernels, TestName = "The_suite_passes_without_AVX512")]
    [TestCase("DOTNET_EnableAVX2", 128, OpsAndKernels, TestName = "The_suite_passes_without_AVX2")]
    [TestCase("DOTNET_EnableHWIntrinsic", 0, Ops, TestName = "The_suite_passes_without_SIMD")]
    [Category("InstructionSets")]
    public void The_suite_passes_without(string variable, int bits, string parts)
    {
        if (Environment.GetEnvironmentVariable(Expected) is not null) Assert.Ignore("this is such a child process");
        using Process child = new() { StartInfo = Child(parts) };
        child.StartInfo.Environment[variable] = "0";
        child.StartInfo.Environment[Expected] = Math.Min(bits, SimdDispatch.Bits).ToString();
        List<string> lines = [];
        child.OutputDataReceived += (_, line) => { lock (lines) lines.Add(line.Data ?? ""); };
        child.ErrorDataReceived += (_, line) => { lock (lines) lines.Add(line.Data ?? ""); };
        child.Start();
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        if (!child.WaitForExit(_limit))
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail($"{variable}=0: no end after {_limit.TotalMinutes} minutes.\n{Tail(lines)}");
        }

        child.WaitForExit();
        Assert.That(child.ExitCode, Is.Zero, Tail(lines));
        Assert.That(lines, Has.Some.StartsWith("Ops: "), "the child ran the op samples");
    }

    /// <summary>This program again, without this fixture's own child processes.</summary>
    private static ProcessStartInfo Child(string parts)
    {
        string program = Environment.ProcessPath!;
        List<string> arguments = ["--filter", $"({parts})&TestCategory!=InstructionSets", "--settings", Path.Combine(AppContext.BaseDirectory, "Tests.runsettings")];
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") arguments.Insert(0, typeof(InstructionSetTests).Assembly.Location);
        return new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
    }

    private static string Tail(List<string> lines)
    {
        lock (lines) return string.Join('\n', lines.TakeLast(60));
    }
}
