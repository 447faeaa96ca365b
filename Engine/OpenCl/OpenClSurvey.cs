namespace Gradwright;

/// <summary>What of OpenCL is here, and what could be done about what is not.</summary>
internal static class OpenClSurvey
{
    public const string Remedy = "Install your device's OpenCL driver and the loader (Debian and Ubuntu: ocl-icd-libopencl1; pocl-opencl-icd runs OpenCL on the processor).";

    /// <summary>The N-th device.</summary>
    /// <exception cref="AcceleratorException">There is no such device; the message says why.</exception>
    public static OpenClAccelerator Open(int index)
    {
        IReadOnlyList<OpenClDevice> devices = OpenClDevice.All();
        return index < devices.Count ? OpenClAccelerator.Create(index, devices[index])
            : throw new AcceleratorException($"There is no accelerator 'opencl:{index}' here: {Missing(devices.Count)} The CPU is always there: cpu.");
    }

    /// <summary>Every device, or the reason why there is none.</summary>
    public static IEnumerable<AcceleratorReport> Report()
    {
        IReadOnlyList<OpenClDevice> devices = OpenClDevice.All();
        if (devices.Count == 0) return [new("opencl", false, Missing(0))];
        return devices.Select((device, i) => new AcceleratorReport($"opencl:{i}", true, $"{device.Traits.Device} ({device.Traits.Driver})") { Traits = device.Traits });
    }

    /// <summary>Why there are only so many devices.</summary>
    public static string Missing(int found)
        => !NativeLibraries.IsFound(NativeLibraries.OpenCl) ? $"no OpenCL library was found. {Remedy} A library in an unusual place can be named in {NativeLibraries.OpenClVariable}."
        : found == 0 ? $"the OpenCL library knows no device. {Remedy}"
        : $"OpenCL has {found} {(found == 1 ? "device, opencl:0" : $"devices, opencl:0 to opencl:{found - 1}")}.";
}
