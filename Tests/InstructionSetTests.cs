using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>A meaningful part of the suite again in child processes of which the wider instruction sets are hidden.</summary>
public sealed class InstructionSetTests
{
    private const string Expected = "GRADWRIGHT_EXPECT_VECTOR_BITS",
        Ops = "FullyQualifiedName~Autograd.OpSampleTests|FullyQualifiedName~GradCheckTests|FullyQualifiedName~Gradwright.Tests.Optim|Name~Instruction_sets_are_as_asked",
        OpsAndKernels = Ops + "|FullyQualifiedName~Gradwright.Tests.Kernels";

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
        List<string> lines = ChildRun.Expect($"({parts})&TestCategory!=InstructionSets&TestCategory!={TestProgram.Devices}", (variable, "0"), (Expected, Math.Min(bits, SimdDispatch.Bits).ToString()));
        Assert.That(lines, Has.Some.StartsWith("Ops: "), "the child ran the op samples");
    }
}
