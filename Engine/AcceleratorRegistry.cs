using System.Globalization;

namespace Gradwright;

/// <summary>Accelerators by name; each is made once.</summary>
internal static class AcceleratorRegistry
{
    private static readonly Dictionary<string, Accelerator> _open = [];
    private static readonly Lock _lock = new();

    public static IReadOnlyList<AcceleratorReport> Survey() =>
    [
        new("cpu", true, CpuAccelerator.Instance.Description),
        .. CudaSurvey.Report(),
        .. OpenClSurvey.Report(),
    ];

    public static Accelerator Open(string name)
    {
        if (name == "cpu") return CpuAccelerator.Instance;
        lock (_lock)
        {
            if (_open.TryGetValue(name, out Accelerator? known)) return known;
            int colon = name.IndexOf(':');
            string kind = colon < 0 ? name : name[..colon], number = colon < 0 ? "0" : name[(colon + 1)..];
            if (kind is not ("cuda" or "opencl") || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                throw new AcceleratorException($"There is no accelerator '{name}'. Write cpu, cuda:0 or opencl:0 (or another number); `devices` in Examples lists what is here.");
            string full = $"{kind}:{index}";
            if (!_open.TryGetValue(full, out Accelerator? accelerator)) _open[full] = accelerator = kind == "cuda" ? CudaSurvey.Open(index) : OpenClSurvey.Open(index);
            return accelerator;
        }
    }
}
