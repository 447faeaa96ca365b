using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>The functions of NVIDIA's run-time compiler that the engine calls, under their own names.</summary>
internal static unsafe partial class Nvrtc
{
    private const string Library = NativeLibraries.Nvrtc;

    [LibraryImport(Library)] public static partial int nvrtcVersion(int* major, int* minor);
    [LibraryImport(Library)] public static partial byte* nvrtcGetErrorString(int status);
    [LibraryImport(Library)] public static partial int nvrtcGetNumSupportedArchs(int* count);
    [LibraryImport(Library)] public static partial int nvrtcGetSupportedArchs(int* architectures);
    [LibraryImport(Library)] public static partial int nvrtcCreateProgram(nint* program, byte* source, byte* name, int headers, byte** headerTexts, byte** headerNames);
    [LibraryImport(Library)] public static partial int nvrtcDestroyProgram(nint* program);
    [LibraryImport(Library)] public static partial int nvrtcCompileProgram(nint program, int count, byte** options);
    [LibraryImport(Library)] public static partial int nvrtcGetProgramLogSize(nint program, nuint* bytes);
    [LibraryImport(Library)] public static partial int nvrtcGetProgramLog(nint program, byte* log);
    [LibraryImport(Library)] public static partial int nvrtcGetPTXSize(nint program, nuint* bytes);
    [LibraryImport(Library)] public static partial int nvrtcGetPTX(nint program, byte* code);
    [LibraryImport(Library)] public static partial int nvrtcGetCUBINSize(nint program, nuint* bytes);
    [LibraryImport(Library)] public static partial int nvrtcGetCUBIN(nint program, byte* code);
}
