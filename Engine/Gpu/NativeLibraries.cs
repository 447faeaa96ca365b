using System.Reflection;
using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>Finds drivers at run time: none of them has to be there.</summary>
internal static class NativeLibraries
{
    public const string OpenCl = "gradwright-opencl", Cuda = "gradwright-cuda", Nvrtc = "gradwright-nvrtc";

    /// <summary>Variables that name a library's file, for drivers in unusual places.</summary>
    public const string OpenClVariable = "GRADWRIGHT_OPENCL_LIBRARY", CudaVariable = "GRADWRIGHT_CUDA_LIBRARY", NvrtcVariable = "GRADWRIGHT_NVRTC_LIBRARY";

    private static readonly Dictionary<string, nint> _handles = [];
    private static readonly Lock _lock = new();

    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Whether the library can be loaded. Must be asked before its functions are called.</summary>
    public static bool IsFound(string library) => Load(library) != 0;

    /// <summary>Whether the library has a function of this name: older drivers lack some.</summary>
    public static bool Exports(string library, string function) => Load(library) is var handle and not 0 && NativeLibrary.TryGetExport(handle, function, out _);

    /// <summary>What failed, from the text of a call without its arguments; a description of it ends with a parenthesis.</summary>
    public static string FunctionOf(string call) => call.EndsWith('(') ? call[..^1] : call[..Math.Max(0, call.IndexOf('('))];

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) => Load(library);

    private static nint Load(string library)
    {
        lock (_lock)
        {
            if (_handles.TryGetValue(library, out nint known)) return known;
            nint handle = 0;
            foreach (string candidate in Candidates(library))
                if (NativeLibrary.TryLoad(candidate, out handle)) break;
            return _handles[library] = handle;
        }
    }

    private static IEnumerable<string> Candidates(string library) => library switch
    {
        OpenCl => Named(OpenClVariable) ?? ["libOpenCL.so.1", "OpenCL.dll", "/System/Library/Frameworks/OpenCL.framework/OpenCL"],
        Cuda => Named(CudaVariable) ?? ["libcuda.so.1", "nvcuda.dll", "/usr/lib/wsl/lib/libcuda.so.1", "/usr/local/nvidia/lib64/libcuda.so.1"],
        Nvrtc => Named(NvrtcVariable) ?? NvrtcSearch.Candidates(),
        _ => [],
    };

    private static IEnumerable<string>? Named(string variable)
        => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path ? [path] : null;
}
