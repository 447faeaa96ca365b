using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>The GPUs that tests run on: the first OpenCL device and the first CUDA device, where they exist.</summary>
internal static class GpuDevices
{
    private static readonly Dictionary<string, (GpuAccelerator? Device, string Reason)> _open = [];

    /// <summary>Names to run every test on; what is not there is skipped visibly.</summary>
    public static IReadOnlyList<string> Names { get; } = ["opencl:0", "cuda:0"];

    /// <summary>The device, or a skipped test that says what is missing.</summary>
    public static GpuAccelerator Require(string name)
    {
        (GpuAccelerator? device, string reason) = Find(name);
        if (device is null) Assert.Ignore(reason);
        return device!;
    }

    public static bool IsHere(string name) => Find(name).Device is not null;

    private static (GpuAccelerator? Device, string Reason) Find(string name)
    {
        lock (_open)
        {
            if (_open.TryGetValue(name, out (GpuAccelerator?, string) known)) return known;
            try
            {
                return _open[name] = ((GpuAccelerator)Accelerator.Open(name), "");
            }
            catch (AcceleratorException e)
            {
                return _open[name] = (null, e.Message);
            }
        }
    }
}
