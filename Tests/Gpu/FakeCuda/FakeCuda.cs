using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu.FakeCuda;

/// <summary>The driver and the compiler without a GPU: built from C with the compiler of this machine, loaded by child processes.</summary>
internal static class FakeCuda
{
    private static readonly Lazy<(string Folder, string Reason)> _built = new(Build);

    /// <summary>Where the libraries lie, or a skipped test that says why there are none.</summary>
    public static string Folder
    {
        get
        {
            if (_built.Value.Reason.Length > 0) Assert.Ignore(_built.Value.Reason);
            return _built.Value.Folder;
        }
    }

    public static string Driver => Path.Combine(Folder, "libfake_cuda.so");

    public static string Compiler => Path.Combine(Folder, "libfake_nvrtc.so");

    public static void Delete()
    {
        if (_built is { IsValueCreated: true, Value.Folder: { Length: > 0 } folder }) Directory.Delete(folder, recursive: true);
    }

    /// <summary>In a child: how often a function of the driver was called.</summary>
    public static unsafe long Calls(string function)
    {
        nint count = NativeLibrary.GetExport(NativeLibrary.Load(Environment.GetEnvironmentVariable(NativeLibraries.CudaVariable)!), "fake_count");
        nint name = Marshal.StringToCoTaskMemUTF8(function);
        long calls = ((delegate* unmanaged<nint, long>)count)(name);
        Marshal.FreeCoTaskMem(name);
        return calls;
    }

    /// <summary>In a child: how often the compiler compiled.</summary>
    public static unsafe long Compilations()
        => ((delegate* unmanaged<long>)NativeLibrary.GetExport(NativeLibrary.Load(Environment.GetEnvironmentVariable(NativeLibraries.NvrtcVariable)!), "fake_count"))();

    /// <summary>In a child: a context and a stream as another program would make them.</summary>
    public static unsafe (nint Context, nint Stream) MakeForeign()
    {
        nint create = NativeLibrary.GetExport(NativeLibrary.Load(Environment.GetEnvironmentVariable(NativeLibraries.CudaVariable)!), "cuCtxCreate_v2");
        nint context, stream;
        CudaDriver.Check(((delegate* unmanaged<nint*, uint, int, int>)create)(&context, 0, 0), "foreign");
        CudaDriver.Check(CudaDriver.cuStreamCreate(&stream, 0), "foreign");
        return (context, stream);
    }

    private static (string Folder, string Reason) Build()
    {
        if (!OperatingSystem.IsLinux()) return ("", "the driver without a GPU is built on Linux only");
        string folder = Directory.CreateTempSubdirectory("gradwright-fake-cuda-").FullName;
        foreach (string name in (string[])["cuda", "nvrtc"])
        {
            string source = Path.Combine(folder, $"fake_{name}.c");
            using (Stream text = Assembly.GetExecutingAssembly().GetManifestResourceStream($"fake_{name}.c")!)
            using (FileStream file = File.Create(source)) text.CopyTo(file);
            string[] failures = [.. ((string[])["cc", "gcc", "clang", "clang-19"]).Select(compiler => Compile(compiler, source, Path.Combine(folder, $"libfake_{name}.so"))).TakeWhile(log => log is not null).Select(log => log!)];
            if (failures.Length == 4) return ("", $"no C compiler builds the driver without a GPU: {string.Join("; ", failures)}");
        }

        return (folder, "");
    }

    /// <returns>What went wrong.</returns>
    private static string? Compile(string compiler, string source, string library)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(compiler, ["-shared", "-fPIC", "-O1", "-pthread", "-o", library, source]) { RedirectStandardError = true })!;
            string log = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{compiler}: {log}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"{compiler} is not here";
        }
    }
}
