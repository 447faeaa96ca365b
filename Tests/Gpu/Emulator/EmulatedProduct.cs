using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>The tensor-core product of one precision, compiled for this processor against the emulator and loaded as a library.</summary>
internal sealed unsafe class EmulatedProduct : IDisposable
{
    private const string Compiler = "clang++-19";

    private readonly string _folder = Directory.CreateTempSubdirectory("gradwright-emulator-").FullName;
    private readonly nint _library;
    private readonly delegate* unmanaged<long, int, float*, long, void*, long, void*, long, float*, long, GpuProduct*, void> _emulate;

    public EmulatedProduct(MatMulPrecision precision)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) Assert.Ignore("The emulator needs Linux on x64.");
        KernelSpec spec = GpuTensorCores.Kernel(precision);
        File.WriteAllText(Path.Combine(_folder, "kernel.inc"), spec.Defines + spec.Functions + spec.File.Text);
        foreach (string name in new[] { "emulator.h", "gemm_mma.cpp" })
        {
            using Stream source = typeof(EmulatedProduct).Assembly.GetManifestResourceStream(name)!;
            using FileStream file = File.Create(Path.Combine(_folder, name));
            source.CopyTo(file);
        }

        string library = Path.Combine(_folder, "product.so");
        Build("-std=c++17", "-O1", "-fPIC", "-shared", "-Wno-unused-function", $"-DKERNEL_TEXT=\"{Path.Combine(_folder, "kernel.inc")}\"", Path.Combine(_folder, "gemm_mma.cpp"), "-o", library);
        _library = NativeLibrary.Load(library);
        _emulate = (delegate* unmanaged<long, int, float*, long, void*, long, void*, long, float*, long, GpuProduct*, void>)NativeLibrary.GetExport(_library, "emulate");
    }

    /// <summary>Runs the groups one after another; <paramref name="backwards"/> lets the last work item go first.</summary>
    public void Run(long groups, bool backwards, Span<float> c, long offsetC, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<float> bias, long offsetBias, GpuProduct product)
    {
        // Copies of 16 bytes need the alignment that a device's memory has.
        void* alignedA = NativeMemory.AlignedAlloc((nuint)a.Length, 256), alignedB = NativeMemory.AlignedAlloc((nuint)b.Length, 256);
        try
        {
            a.CopyTo(new(alignedA, a.Length));
            b.CopyTo(new(alignedB, b.Length));
            fixed (float* pc = c, pBias = bias)
                _emulate(groups, backwards ? 1 : 0, pc, offsetC, alignedA, 0, alignedB, 0, pBias, offsetBias, &product);
        }
        finally
        {
            NativeMemory.AlignedFree(alignedA);
            NativeMemory.AlignedFree(alignedB);
        }
    }

    public void Dispose()
    {
        if (_library != 0) NativeLibrary.Free(_library);
        Directory.Delete(_folder, recursive: true);
    }

    private static void Build(params string[] arguments)
    {
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo(Compiler, arguments) { RedirectStandardError = true })!;
            string log = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.That(compiler.ExitCode, Is.Zero, log);
        }
        catch (Win32Exception e)
        {
            Assert.Ignore($"The emulator is built with {Compiler}: {e.Message}");
        }
    }
}
