using System.Runtime.InteropServices;
using static Gradwright.CudaDriver;

namespace Gradwright;

/// <summary>A device that the driver knows, before anything is made on it.</summary>
internal sealed record CudaDevice(int Handle, GpuTraits Traits)
{
    private static readonly Lazy<(int Status, int Version)> _driver = new(Start);

    /// <summary>What starting the driver said, 0 for success; asked once.</summary>
    public static int Status => _driver.Value.Status;

    /// <summary>The version of CUDA that the driver speaks: 12040 is 12.4.</summary>
    public static int DriverVersion => _driver.Value.Version;

    /// <summary>Number of devices; 0 without a driver that works.</summary>
    public static unsafe int Count
    {
        get
        {
            int count;
            return NativeLibraries.IsFound(NativeLibraries.Cuda) && Status == 0 && cuDeviceGetCount(&count) == 0 ? count : 0;
        }
    }

    /// <summary>The N-th device.</summary>
    public static unsafe CudaDevice At(int index)
    {
        string name = $"cuda:{index}";
        int handle;
        Check(cuDeviceGet(&handle, index), name);
        return Describe(handle, name);
    }

    /// <summary>A device that somebody else's context belongs to.</summary>
    public static unsafe CudaDevice Describe(int handle, string name)
    {
        byte* text = stackalloc byte[256];
        Check(cuDeviceGetName(text, 256, handle), name);
        nuint memory;
        Check(cuDeviceTotalMem_v2(&memory, handle), name);
        int shared = Attribute(handle, MaxSharedMemoryPerBlockOptIn, name);
        return new(handle, new()
        {
            Api = "CUDA", Device = Marshal.PtrToStringUTF8((nint)text) ?? "unknown", Driver = $"driver for CUDA {VersionText(DriverVersion)}",
            Capability = 10 * Attribute(handle, CapabilityMajor, name) + Attribute(handle, CapabilityMinor, name),
            Units = Attribute(handle, MultiprocessorCount, name),
            MaxGroupSize = Attribute(handle, MaxThreadsPerBlock, name),
            SharedMemory = shared > 0 ? shared : Attribute(handle, MaxSharedMemoryPerBlock, name),
            Memory = (long)memory,
        });
    }

    /// <summary>12040 as 12.4.</summary>
    public static string VersionText(int version) => $"{version / 1000}.{version % 1000 / 10}";

    private static unsafe int Attribute(int handle, int attribute, string name)
    {
        int value;
        Check(cuDeviceGetAttribute(&value, attribute, handle), name);
        return value;
    }

    private static unsafe (int Status, int Version) Start()
    {
        int status = cuInit(0), version = 0;
        return (status, cuDriverGetVersion(&version) == 0 ? version : 0);
    }
}
