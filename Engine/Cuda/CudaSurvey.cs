using static Gradwright.CudaDriver;

namespace Gradwright;

/// <summary>What of CUDA is here, and what could be done about what is not.</summary>
internal static class CudaSurvey
{
    private const string Remedy = "Install NVIDIA's display driver (Debian and Ubuntu: nvidia-driver; in containers run with --gpus all); the CUDA toolkit is not needed.";

    /// <summary>The N-th device.</summary>
    /// <exception cref="AcceleratorException">There is no such device; the message says why.</exception>
    public static CudaAccelerator Open(int index)
        => Missing(index) is { } reason ? throw new AcceleratorException($"There is no accelerator 'cuda:{index}' here: {reason} The CPU is always there: cpu.") : CudaAccelerator.Create(index, CudaDevice.At(index));

    /// <summary>Every device, or the reason why there is none.</summary>
    public static IEnumerable<AcceleratorReport> Report()
    {
        if (Missing(0) is { } reason) return [new("cuda", false, reason)];
        return Enumerable.Range(0, CudaDevice.Count).Select(CudaDevice.At)
            .Select((device, i) => new AcceleratorReport($"cuda:{i}", true, $"{device.Traits.Device} ({device.Traits.Driver})") { Traits = device.Traits });
    }

    /// <summary>Why the driver cannot be used at all; null if it can.</summary>
    public static string? Missing()
    {
        if (!NativeLibraries.IsFound(NativeLibraries.Cuda))
            return $"no NVIDIA driver was found. {Remedy} A library in an unusual place can be named in {NativeLibraries.CudaVariable}.";
        return CudaDevice.Status switch
        {
            0 when CudaDevice.DriverVersion < OldestVersion =>
                $"the driver is too old: it speaks CUDA {CudaDevice.VersionText(CudaDevice.DriverVersion)}, and {CudaDevice.VersionText(OldestVersion)} is needed. Update it.",
            0 => null,
            NoDevice => NoDevices,
            StubLibrary => $"the library that was found is the toolkit's stub, not a driver. {Remedy}",
            var status => $"the NVIDIA driver does not start: {NameOf(status)} ({status}), {TextOf(status)}. After an update of the driver restart the machine; nvidia-smi shows whether the driver works.",
        };
    }

    private static string NoDevices => "the NVIDIA driver knows no device. nvidia-smi lists what it sees; the environment variable CUDA_VISIBLE_DEVICES hides devices, and containers must be run with --gpus all.";

    private static string? Missing(int index)
    {
        if (Missing() is { } reason) return reason;
        int found = CudaDevice.Count;
        return index < found ? null : found == 0 ? NoDevices : $"CUDA has {found} {(found == 1 ? "device, cuda:0" : $"devices, cuda:0 to cuda:{found - 1}")}.";
    }
}
