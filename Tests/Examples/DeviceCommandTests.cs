using Gradwright.Tests.Gpu;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

/// <summary>The commands about devices: <c>devices</c>, <c>selftest</c>, and training on one.</summary>
[Category(TestProgram.Devices)]
public sealed class DeviceCommandTests
{
    [Test]
    public void Devices_lists_what_is_here_and_why_the_rest_is_not()
    {
        (int code, string output, _) = Program.Run("devices");
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.StartWith("cpu ").And.Contain("--accelerator NAME"));
        foreach (string kind in (string[])["cuda", "opencl"])
        {
            bool here = GpuDevices.IsHere($"{kind}:0");
            Assert.That(output, Does.Contain(here ? $"{kind}:0" : "not here: "), kind);
        }
    }

    [TestCase("selftest --accelerator cpu", "Name a GPU")]
    [TestCase("selftest --accelerator cuda:99", "There is no accelerator 'cuda:99' here")]
    [TestCase("selftest --accelerator nonsense", "Write cpu, cuda:0 or opencl:0")]
    [TestCase("selftest --quik", "Did you mean --quick?")]
    [TestCase("device", "Did you mean devices?")]
    public void Bad_arguments_are_named(string arguments, string expected)
    {
        (int code, _, string error) = Program.Run(arguments.Split(' '));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain(expected).And.Not.Contain("   at "));
    }

    [TestCaseSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
    public void Selftest_compares_and_times_the_chosen_kernels(string device)
    {
        GpuDevices.Require(device);
        (int code, string output, _) = Program.Run("selftest", "--accelerator", device, "--filter", "Softmax");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("Everything agrees with the CPU").And.Contain("LogSoftmaxGradient").And.Contain("of the limit").And.Match(@"Softmax \[4096, 1000\] .* GB/s"));
        (code, output, _) = Program.Run("selftest", "--accelerator", device, "--filter", "ReLU", "--quick");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Not.Contain("of the limit"));
        (code, _, string error) = Program.Run("selftest", "--accelerator", device, "--filter", "nonsense");
        Assert.That((code, error), Is.EqualTo((1, error)));
        Assert.That(error, Does.Contain("No op has a name with 'nonsense'"));
    }

    [TestCaseSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
    public void Digits_train_on_a_device(string device)
    {
        GpuDevices.Require(device);
        using Data.TemporaryFolder folder = new();
        Accelerator before = Accelerator.Default;
        try
        {
            (int code, string output, string error) = Program.Run("digits", "--accelerator", device, "--limit", "600", "--epochs", "1", "--out", folder.Path);
            Assert.That(code, Is.Zero, error);
            Assert.That(output, Does.Contain("loaded again it gives the same"));
        }
        finally
        {
            Accelerator.Default = before;
        }
    }
}
