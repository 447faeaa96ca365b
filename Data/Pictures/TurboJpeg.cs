using System.Reflection;
using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>
/// The functions of libjpeg-turbo's TurboJPEG interface that are called, under their own names (those of version 2, which version 3 keeps). The library
/// is found at run time and need not be there.
/// </summary>
internal static unsafe partial class TurboJpeg
{
    private const string Library = "gradwright-turbojpeg";

    /// <summary>Names the library's file, where it is in an unusual place.</summary>
    public const string Variable = "GRADWRIGHT_TURBOJPEG_LIBRARY";

    public const int FormatRgb = 0, FormatGray = 6, FormatCmyk = 11;
    public const int SpaceGray = 2, SpaceCmyk = 3, SpaceYcck = 4;
    public const int AccurateDct = 4096, LimitScans = 32768;
    public const int Warning = 0;

    private static readonly Lazy<nint> Handle = new(Load);

    static TurboJpeg() => NativeLibrary.SetDllImportResolver(typeof(TurboJpeg).Assembly, Resolve);

    public static bool IsFound => Handle.Value != 0;

    /// <summary>What the library says about the last failure.</summary>
    public static string ErrorOf(nint handle) => Marshal.PtrToStringUTF8((nint)tjGetErrorStr2(handle)) ?? "it does not say why";

    [LibraryImport(Library)] public static partial nint tjInitDecompress();
    [LibraryImport(Library)] public static partial int tjDestroy(nint handle);
    [LibraryImport(Library)] public static partial int tjDecompressHeader3(nint handle, byte* file, CULong bytes, int* width, int* height, int* sampling, int* space);
    [LibraryImport(Library)] public static partial int tjDecompress2(nint handle, byte* file, CULong bytes, byte* pixels, int width, int pitch, int height, int format, int flags);
    [LibraryImport(Library)] public static partial byte* tjGetErrorStr2(nint handle);
    [LibraryImport(Library)] public static partial int tjGetErrorCode(nint handle);

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) => library == Library ? Handle.Value : 0;

    private static nint Load()
    {
        string[] candidates = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? [named]
            : ["libturbojpeg.so.0", "libturbojpeg.dylib", "turbojpeg.dll", "/opt/libjpeg-turbo/lib64/libturbojpeg.so.0", "/opt/homebrew/lib/libturbojpeg.dylib"];
        foreach (string candidate in candidates)
            if (NativeLibrary.TryLoad(candidate, out nint handle)) return handle;
        return 0;
    }
}
