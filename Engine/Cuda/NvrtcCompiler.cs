using System.Runtime.InteropServices;
using System.Text;
using static Gradwright.Nvrtc;

namespace Gradwright;

/// <summary>
/// NVIDIA's run-time compiler: machine code (CUBIN) for the device, or PTX of the newest architecture that it knows when the device is newer than the compiler.
/// </summary>
internal sealed unsafe class NvrtcCompiler : CudaCompiler
{
    // A product and a sum fuse only where the source says so; quotients and roots are rounded as IEEE 754 says; subnormal numbers stay.
    private static readonly string[] _options = ["--fmad=false", "--prec-div=true", "--prec-sqrt=true", "--ftz=false", "--std=c++17"];

    private static readonly Lock _lock = new();             // older versions take one caller at a time
    private static readonly Lazy<(int Version, int[] Architectures)> _about = new(Ask);

    public override string Name => "nvrtc";

    public override string? Missing => NativeLibraries.IsFound(NativeLibraries.Nvrtc) ? null
        : $"NVRTC, NVIDIA's run-time compiler: install the CUDA toolkit, or its part cuda-nvrtc, or Python's package nvidia-cuda-nvrtc-cu12; a library in an unusual place can be named in {NativeLibraries.NvrtcVariable}.";

    /// <summary>12040 is 12.4.</summary>
    public static int Version => _about.Value.Version;

    /// <summary>The capabilities that it compiles for; empty if it does not say.</summary>
    public static IReadOnlyList<int> Architectures => _about.Value.Architectures;

    public override string Identity(CudaTarget target) => $"nvrtc {Version} {string.Join(' ', Options(target))}";

    public override CudaCode Compile(string source, CudaTarget target)
    {
        if (Architectures is [var least, ..] && target.Capability < least)
            return new(null, $"version {CudaDevice.VersionText(Version)} no longer compiles for {target}.");
        lock (_lock)
        {
            nint program;
            int status;
            fixed (byte* text = Encoding.UTF8.GetBytes(source + '\0'), name = "kernel.cu\0"u8) status = nvrtcCreateProgram(&program, text, name, 0, null, null);
            if (status != 0) return new(null, Error(status));
            try
            {
                status = Compile(program, Options(target));
                string log = LogOf(program);
                if (status != 0) return new(null, log.Length > 0 ? log : Error(status));
                byte[] image = CodeOf(program, IsReal(target));
                return image.Length > 0 ? new(image, log) : new(null, $"it made no code for {target}.");
            }
            finally
            {
                _ = nvrtcDestroyProgram(&program);
            }
        }
    }

    /// <summary>Whether machine code for the very device can be made.</summary>
    private static bool IsReal(CudaTarget target) => Architectures.Count == 0 || Architectures.Contains(target.Capability);

    private static string[] Options(CudaTarget target)
    {
        // PTX of an earlier architecture runs on later ones, but not what is specific to one.
        string architecture = IsReal(target) || target.IsSpecific ? $"sm_{target.Suffix}" : $"compute_{Architectures.LastOrDefault(known => known < target.Capability)}";
        return [$"--gpu-architecture={architecture}", .. _options];
    }

    private static int Compile(nint program, string[] options)
    {
        byte** texts = stackalloc byte*[options.Length];
        try
        {
            for (int i = 0; i < options.Length; i++) texts[i] = (byte*)Marshal.StringToCoTaskMemUTF8(options[i]);
            return nvrtcCompileProgram(program, options.Length, texts);
        }
        finally
        {
            for (int i = 0; i < options.Length; i++) Marshal.FreeCoTaskMem((nint)texts[i]);
        }
    }

    private static string LogOf(nint program)
    {
        nuint length = 0;
        if (nvrtcGetProgramLogSize(program, &length) != 0 || length <= 1) return "";
        byte[] log = new byte[length];
        fixed (byte* p = log) _ = nvrtcGetProgramLog(program, p);
        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n');
    }

    private static byte[] CodeOf(nint program, bool machineCode)
    {
        nuint length = 0;
        if ((machineCode ? nvrtcGetCUBINSize(program, &length) : nvrtcGetPTXSize(program, &length)) != 0) return [];
        byte[] code = new byte[length];
        fixed (byte* p = code)
            if ((machineCode ? nvrtcGetCUBIN(program, p) : nvrtcGetPTX(program, p)) != 0) return [];
        return code;
    }

    private static string Error(int status) => Marshal.PtrToStringUTF8((nint)nvrtcGetErrorString(status)) ?? $"NVRTC error {status}";

    private static (int Version, int[] Architectures) Ask()
    {
        int major, minor, count = 0;
        if (nvrtcVersion(&major, &minor) != 0) (major, minor) = (0, 0);
        if (!NativeLibraries.Exports(NativeLibraries.Nvrtc, nameof(nvrtcGetSupportedArchs)) || nvrtcGetNumSupportedArchs(&count) != 0) count = 0;
        int[] architectures = new int[count];
        if (count > 0)
            fixed (int* p = architectures)
                if (nvrtcGetSupportedArchs(p) != 0) architectures = [];
        return (1000 * major + 10 * minor, architectures);
    }
}
