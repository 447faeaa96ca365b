using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>The functions of CUDA's driver API that the engine calls, under their own names. Only the driver is needed, no toolkit.</summary>
internal static unsafe partial class CudaDriver
{
    private const string Library = NativeLibraries.Cuda;

    /// <summary>CUDA 11.0: the first driver that takes PTX 7.0, in which kernels are made ahead of time.</summary>
    public const int OldestVersion = 11000;

    public const int OutOfMemory = 2, StubLibrary = 34, DeviceUnavailable = 46, NoDevice = 100, InvalidImage = 200, NoBinaryForGpu = 209, InvalidPtx = 218,
        NoJitCompiler = 221, UnsupportedPtxVersion = 222, JitDisabled = 223, InvalidSource = 300, IllegalAddress = 700, MisalignedAddress = 716, InvalidAddressSpace = 717, InvalidProgramCounter = 718, LaunchFailed = 719;
    public const int MaxThreadsPerBlock = 1, MaxSharedMemoryPerBlock = 8, MultiprocessorCount = 16, CapabilityMajor = 75, CapabilityMinor = 76, MaxSharedMemoryPerBlockOptIn = 97;
    public const int MaxDynamicSharedBytes = 8;
    public const int InfoLogBuffer = 3, InfoLogBytes = 4, ErrorLogBuffer = 5, ErrorLogBytes = 6;
    public const uint StreamNonBlocking = 1, EventDisableTiming = 2, HostAllocatePortable = 1;

    /// <summary>Throws what a status other than success means.</summary>
    /// <exception cref="AcceleratorException">The call failed; its text and the driver's name of the error are in the message.</exception>
    public static void Check(int status, string accelerator, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0) Throw(status, accelerator, call);
    }

    private static void Throw(int status, string accelerator, string call)
    {
        string what = $"{accelerator}: {NativeLibraries.FunctionOf(call)} failed with {NameOf(status)} ({status}): {TextOf(status)}.";
        if (status == OutOfMemory) throw new AcceleratorMemoryException($"{what} Use a smaller batch, or dispose tensors that are kept outside a scope.");
        throw new AcceleratorException(status switch
        {
            IllegalAddress or MisalignedAddress or InvalidAddressSpace or InvalidProgramCounter or LaunchFailed =>
                $"{what} A kernel that was launched earlier went wrong, and the driver runs nothing more in this process: restart it. Run it under compute-sanitizer to see which kernel and where.",
            DeviceUnavailable => $"{what} Another process may hold the device for itself: see nvidia-smi.",
            _ => what,
        });
    }

    /// <summary>The driver's own name of a status: <c>CUDA_ERROR_INVALID_VALUE</c>.</summary>
    public static string NameOf(int status)
    {
        byte* name = null;
        return cuGetErrorName(status, &name) == 0 && name is not null ? Marshal.PtrToStringUTF8((nint)name)! : "an unknown error";
    }

    /// <summary>The driver's explanation of a status.</summary>
    public static string TextOf(int status)
    {
        byte* text = null;
        return cuGetErrorString(status, &text) == 0 && text is not null ? Marshal.PtrToStringUTF8((nint)text)! : "the driver does not explain it";
    }

    [LibraryImport(Library)] public static partial int cuInit(uint flags);
    [LibraryImport(Library)] public static partial int cuDriverGetVersion(int* version);
    [LibraryImport(Library)] public static partial int cuGetErrorName(int error, byte** name);
    [LibraryImport(Library)] public static partial int cuGetErrorString(int error, byte** text);
    [LibraryImport(Library)] public static partial int cuDeviceGetCount(int* count);
    [LibraryImport(Library)] public static partial int cuDeviceGet(int* device, int ordinal);
    [LibraryImport(Library)] public static partial int cuDeviceGetName(byte* name, int length, int device);
    [LibraryImport(Library)] public static partial int cuDeviceTotalMem_v2(nuint* bytes, int device);
    [LibraryImport(Library)] public static partial int cuDeviceGetAttribute(int* value, int attribute, int device);
    [LibraryImport(Library)] public static partial int cuDevicePrimaryCtxRetain(nint* context, int device);
    [LibraryImport(Library)] public static partial int cuDevicePrimaryCtxRelease_v2(int device);
    [LibraryImport(Library)] public static partial int cuCtxSetCurrent(nint context);
    [LibraryImport(Library)] public static partial int cuCtxGetCurrent(nint* context);
    [LibraryImport(Library)] public static partial int cuCtxGetDevice(int* device);
    [LibraryImport(Library)] public static partial int cuModuleLoadDataEx(nint* module, void* image, uint count, int* options, void** values);
    [LibraryImport(Library)] public static partial int cuModuleUnload(nint module);
    [LibraryImport(Library)] public static partial int cuModuleGetFunction(nint* function, nint module, byte* name);
    [LibraryImport(Library)] public static partial int cuFuncSetAttribute(nint function, int attribute, int value);
    [LibraryImport(Library)] public static partial int cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters, void** extra);
    [LibraryImport(Library)] public static partial int cuStreamCreate(nint* stream, uint flags);
    [LibraryImport(Library)] public static partial int cuStreamDestroy_v2(nint stream);
    [LibraryImport(Library)] public static partial int cuStreamSynchronize(nint stream);
    [LibraryImport(Library)] public static partial int cuStreamWaitEvent(nint stream, nint done, uint flags);
    [LibraryImport(Library)] public static partial int cuStreamGetCtx(nint stream, nint* context);
    [LibraryImport(Library)] public static partial int cuEventCreate(nint* done, uint flags);
    [LibraryImport(Library)] public static partial int cuEventRecord(nint done, nint stream);
    [LibraryImport(Library)] public static partial int cuEventSynchronize(nint done);
    [LibraryImport(Library)] public static partial int cuEventDestroy_v2(nint done);
    [LibraryImport(Library)] public static partial int cuMemAlloc_v2(nint* pointer, nuint bytes);
    [LibraryImport(Library)] public static partial int cuMemFree_v2(nint pointer);
    [LibraryImport(Library)] public static partial int cuMemGetInfo_v2(nuint* free, nuint* total);
    [LibraryImport(Library)] public static partial int cuMemHostAlloc(void** pointer, nuint bytes, uint flags);
    [LibraryImport(Library)] public static partial int cuMemFreeHost(void* pointer);
    [LibraryImport(Library)] public static partial int cuMemcpyHtoDAsync_v2(nint destination, void* source, nuint bytes, nint stream);
    [LibraryImport(Library)] public static partial int cuMemcpyDtoHAsync_v2(void* destination, nint source, nuint bytes, nint stream);
    [LibraryImport(Library)] public static partial int cuMemsetD8Async(nint destination, byte value, nuint count, nint stream);
    [LibraryImport(Library)] public static partial int cuMemsetD16Async(nint destination, ushort value, nuint count, nint stream);
    [LibraryImport(Library)] public static partial int cuMemsetD32Async(nint destination, uint value, nuint count, nint stream);
}
