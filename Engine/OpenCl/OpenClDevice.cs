using System.Text;
using static Gradwright.OpenClDriver;

namespace Gradwright;

/// <summary>A device of an OpenCL platform, before anything is made on it.</summary>
internal sealed record OpenClDevice(nint Platform, nint Handle, GpuTraits Traits, bool RoundsDivisions)
{
    /// <summary>All devices of all platforms, in the order of the platforms; <c>opencl:N</c> counts through them.</summary>
    public static unsafe IReadOnlyList<OpenClDevice> All()
    {
        if (!NativeLibraries.IsFound(NativeLibraries.OpenCl)) return [];
        uint count = 0;
        if (clGetPlatformIDs(0, null, &count) != 0 || count == 0) return [];
        nint[] platforms = new nint[count];
        fixed (nint* p = platforms) Check(clGetPlatformIDs(count, p, null), "opencl");
        List<OpenClDevice> all = [];
        foreach (nint platform in platforms)
        {
            if (clGetDeviceIDs(platform, TypeAll, 0, null, &count) != 0 || count == 0) continue;
            nint[] devices = new nint[count];
            fixed (nint* p = devices) Check(clGetDeviceIDs(platform, TypeAll, count, p, null), "opencl");
            foreach (nint device in devices)
                if (Number(device, IsAvailable, 4) != 0) all.Add(Describe(platform, device));
        }

        return all;
    }

    /// <summary>A device that somebody else's queue belongs to.</summary>
    public static OpenClDevice Describe(nint platform, nint device)
    {
        string version = Text(device, DeviceVersion);
        GpuTraits traits = new()
        {
            Api = "OpenCL", Device = Text(device, DeviceName), Driver = $"{version}, driver {Text(device, DriverVersion)}",
            IsProcessor = (Number(device, DeviceType, 8) & TypeCpu) != 0,
            HasDouble = Number(device, DoubleConfig, 8) != 0,
            Units = (int)Number(device, MaxComputeUnits, 4),
            MaxGroupSize = (int)Number(device, MaxWorkGroupSize, 8),
            SharedMemory = (long)Number(device, LocalMemory, 8),
            Memory = (long)Number(device, GlobalMemory, 8),
            MaxAllocation = (long)Number(device, MaxMemoryAllocation, 8),
        };
        return new(platform, device, traits, (Number(device, SingleConfig, 8) & CorrectlyRoundedDivide) != 0);
    }

    private static unsafe ulong Number(nint device, uint what, int size)
    {
        ulong value = 0;
        return clGetDeviceInfo(device, what, (nuint)size, &value, null) == 0 ? value : 0;
    }

    private static unsafe string Text(nint device, uint what)
    {
        nuint needed = 0;
        if (clGetDeviceInfo(device, what, 0, null, &needed) != 0 || needed == 0) return "unknown";
        byte[] text = new byte[needed];
        fixed (byte* p = text) Check(clGetDeviceInfo(device, what, needed, p, null), "opencl");
        return Encoding.UTF8.GetString(text).TrimEnd('\0').Trim();
    }
}
