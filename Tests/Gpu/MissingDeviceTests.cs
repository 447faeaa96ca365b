using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Accelerators that are not there: a clear reason, and the CPU goes on.</summary>
public sealed class MissingDeviceTests
{
    private const string Wanted = "GRADWRIGHT_EXPECT_MESSAGE";

    [TestCase("opencl:99", "There is no accelerator 'opencl:99' here")]
    [TestCase("cuda:99", "There is no accelerator 'cuda:99' here")]
    [TestCase("opencl:-1", "There is no accelerator 'opencl:-1'")]
    [TestCase("opencl:0x1", "There is no accelerator 'opencl:0x1'")]
    [TestCase("gpu", "Write cpu, cuda:0 or opencl:0")]
    [TestCase("", "There is no accelerator ''")]
    public void A_device_that_is_not_there_is_refused_by_name(string name, string message)
        => Assert.That(() => Accelerator.Open(name), Throws.TypeOf<AcceleratorException>().With.Message.Contains(message));

    /// <summary>In a child process: what the default accelerator says.</summary>
    [Test]
    public void The_default_accelerator_is_as_expected()
    {
        string? wanted = Environment.GetEnvironmentVariable(Wanted);
        if (wanted is null) Assert.That(Accelerator.Default, Is.SameAs(CpuAccelerator.Instance));
        else
        {
            Assert.That(() => Accelerator.Default, Throws.TypeOf<AcceleratorException>().With.Message.Contains(wanted));
            using TensorScope scope = new();
            Tensor x = Tensor.Ones([2], accelerator: CpuAccelerator.Instance);
            Assert.That((x + x).ToArray<float>(), Is.All.EqualTo(2));
        }
    }

    [TestCase("opencl:0", NativeLibraries.OpenClVariable, "no OpenCL library was found")]
    [TestCase("cuda:0", NativeLibraries.CudaVariable, "driver")]
    [TestCase("warp:9", NativeLibraries.CudaVariable, "GRADWRIGHT_ACCELERATOR")]
    public void Without_a_driver_the_reason_is_told_and_the_processor_goes_on(string name, string library, string message)
    {
        if (Environment.GetEnvironmentVariable(Wanted) is not null) Assert.Ignore("this is such a child process");
        ChildRun.Expect("FullyQualifiedName~MissingDeviceTests.The_default_accelerator",
            (library, "/nowhere/lib.so"), (Accelerator.EnvironmentVariable, name), (Wanted, message));
    }
}
