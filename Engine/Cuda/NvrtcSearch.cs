namespace Gradwright;

/// <summary>
/// Where NVIDIA's run-time compiler usually lies: on the library path, in a CUDA toolkit, in Python's wheels, in a distribution's packages. The newest version
/// that is not newer than the driver comes first, since a driver need not take a later compiler's code.
/// </summary>
internal static class NvrtcSearch
{
    private static readonly string[] _versions = ["13", "12", "11.2"];

    public static IEnumerable<string> Candidates()
    {
        int driver = NativeLibraries.IsFound(NativeLibraries.Cuda) && CudaDevice.DriverVersion is > 0 and var version ? version / 1000 : int.MaxValue;
        foreach (string major in _versions.OrderBy(v => Major(v) > driver)) yield return $"libnvrtc.so.{major}";
        yield return "libnvrtc.so";
        yield return "nvrtc64_130_0.dll";
        yield return "nvrtc64_120_0.dll";
        string[] files = [.. Folders().SelectMany(Libraries)];
        foreach (string file in files.OrderBy(f => Major(VersionOf(f)) > driver).ThenByDescending(f => Major(VersionOf(f)))) yield return file;
    }

    /// <summary>12.4.127 of <c>libnvrtc.so.12.4.127</c>.</summary>
    private static string VersionOf(string file) => file.Split(".so.") is [_, var version] ? version : "";

    private static int Major(string version) => int.TryParse(version.Split('.')[0], out int major) ? major : 0;

    private static IEnumerable<string> Folders()
    {
        if ((Environment.GetEnvironmentVariable("CUDA_HOME") ?? Environment.GetEnvironmentVariable("CUDA_PATH")) is { Length: > 0 } home)
        {
            yield return Path.Combine(home, "lib64");
            yield return Path.Combine(home, "bin");
        }

        yield return "/usr/local/cuda/lib64";
        yield return "/usr/local/cuda/targets/x86_64-linux/lib";
        yield return "/opt/cuda/lib64";
        yield return "/usr/lib/x86_64-linux-gnu";
        string user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        foreach (string root in (string[])["/usr/lib", "/usr/local/lib", Path.Combine(user, ".local/lib"), "/opt/conda/lib", Environment.GetEnvironmentVariable("VIRTUAL_ENV") is { } venv ? Path.Combine(venv, "lib") : ""])
        {
            foreach (string python in Subfolders(root, "python3*"))
                foreach (string packages in (string[])["site-packages", "dist-packages"])
                {
                    yield return Path.Combine(python, packages, "nvidia/cuda_nvrtc/lib");
                    yield return Path.Combine(python, packages, "nvidia/cu13/lib");
                }
        }
    }

    private static string[] Subfolders(string root, string pattern)
        => Directory.Exists(root) ? Read(() => Directory.GetDirectories(root, pattern)) : [];

    private static IEnumerable<string> Libraries(string folder)
        => Directory.Exists(folder) ? Read(() => Directory.GetFiles(folder, OperatingSystem.IsWindows() ? "nvrtc64_*.dll" : "libnvrtc.so*")).Where(file => !file.Contains("builtins", StringComparison.Ordinal)) : [];

    // A folder that may not be read holds nothing for us.
    private static string[] Read(Func<string[]> list)
    {
        try
        {
            return list();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return [];
        }
    }
}
