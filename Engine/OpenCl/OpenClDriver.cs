using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright;

/// <summary>The functions of OpenCL 1.2 that the engine calls, under their own names.</summary>
internal static unsafe partial class OpenClDriver
{
    private const string Library = NativeLibraries.OpenCl;

    public const uint PlatformVersion = 0x0901, PlatformName = 0x0902;
    public const uint DeviceType = 0x1000, MaxComputeUnits = 0x1002, MaxWorkGroupSize = 0x1004, MaxMemoryAllocation = 0x1010, GlobalMemory = 0x101F,
        LocalMemory = 0x1023, IsAvailable = 0x1027, DeviceName = 0x102B, DriverVersion = 0x102D, DeviceVersion = 0x102F, DeviceExtensions = 0x1030,
        SingleConfig = 0x101B, DoubleConfig = 0x1032;
    public const ulong TypeCpu = 2, TypeGpu = 4, TypeAll = 0xFFFFFFFF, CorrectlyRoundedDivide = 1 << 7;
    public const uint QueueContext = 0x1090, QueueDevice = 0x1091;
    public const ulong MemoryReadWrite = 1, MemoryAllocateHost = 1 << 4;
    public const uint ProgramBinarySizes = 0x1165, ProgramBinaries = 0x1166, BuildLog = 0x1183;
    public const ulong MapRead = 1, MapWrite = 2;

    /// <summary>Throws what a status other than success means.</summary>
    /// <exception cref="AcceleratorException">The call failed; its text and the status are in the message.</exception>
    public static void Check(int status, string accelerator, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status == 0) return;
        string what = $"{accelerator}: {NativeLibraries.FunctionOf(call)} failed with {NameOf(status)} ({status}).";
        if (status is -4 or -6 or -61) throw new AcceleratorMemoryException($"{what} The device is out of memory: use a smaller batch, or dispose tensors that are kept outside a scope.");
        throw new AcceleratorException(what);
    }

    public static string NameOf(int status) => status switch
    {
        -1 => "CL_DEVICE_NOT_FOUND",
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        -3 => "CL_COMPILER_NOT_AVAILABLE",
        -4 => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        -5 => "CL_OUT_OF_RESOURCES",
        -6 => "CL_OUT_OF_HOST_MEMORY",
        -11 => "CL_BUILD_PROGRAM_FAILURE",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -30 => "CL_INVALID_VALUE",
        -34 => "CL_INVALID_CONTEXT",
        -36 => "CL_INVALID_COMMAND_QUEUE",
        -38 => "CL_INVALID_MEM_OBJECT",
        -42 => "CL_INVALID_BINARY",
        -46 => "CL_INVALID_KERNEL_NAME",
        -50 => "CL_INVALID_ARG_VALUE",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        -55 => "CL_INVALID_WORK_ITEM_SIZE",
        -61 => "CL_INVALID_BUFFER_SIZE",
        -1001 => "CL_PLATFORM_NOT_FOUND_KHR",
        _ => "an OpenCL error",
    };

    [LibraryImport(Library)] public static partial int clGetPlatformIDs(uint count, nint* platforms, uint* found);
    [LibraryImport(Library)] public static partial int clGetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* needed);
    [LibraryImport(Library)] public static partial int clGetDeviceIDs(nint platform, ulong type, uint count, nint* devices, uint* found);
    [LibraryImport(Library)] public static partial int clGetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* needed);
    [LibraryImport(Library)] public static partial nint clCreateContext(nint* properties, uint count, nint* devices, nint notify, nint data, int* status);
    [LibraryImport(Library)] public static partial int clRetainContext(nint context);
    [LibraryImport(Library)] public static partial nint clCreateCommandQueue(nint context, nint device, ulong properties, int* status);
    [LibraryImport(Library)] public static partial int clRetainCommandQueue(nint queue);
    [LibraryImport(Library)] public static partial int clReleaseCommandQueue(nint queue);
    [LibraryImport(Library)] public static partial int clGetCommandQueueInfo(nint queue, uint name, nuint size, void* value, nuint* needed);
    [LibraryImport(Library)] public static partial nint clCreateBuffer(nint context, ulong flags, nuint size, void* host, int* status);
    [LibraryImport(Library)] public static partial int clReleaseMemObject(nint memory);
    [LibraryImport(Library)] public static partial int clEnqueueReadBuffer(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* host, uint waits, nint* waitList, nint* done);
    [LibraryImport(Library)] public static partial int clEnqueueWriteBuffer(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* host, uint waits, nint* waitList, nint* done);
    [LibraryImport(Library)] public static partial int clEnqueueFillBuffer(nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size, uint waits, nint* waitList, nint* done);
    [LibraryImport(Library)] public static partial void* clEnqueueMapBuffer(nint queue, nint buffer, uint blocking, ulong flags, nuint offset, nuint size, uint waits, nint* waitList, nint* done, int* status);
    [LibraryImport(Library)] public static partial int clEnqueueUnmapMemObject(nint queue, nint buffer, void* mapped, uint waits, nint* waitList, nint* done);
    [LibraryImport(Library)] public static partial nint clCreateProgramWithSource(nint context, uint count, byte** sources, nuint* lengths, int* status);
    [LibraryImport(Library)] public static partial nint clCreateProgramWithBinary(nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* statuses, int* status);
    [LibraryImport(Library)] public static partial int clBuildProgram(nint program, uint count, nint* devices, byte* options, nint notify, nint data);
    [LibraryImport(Library)] public static partial int clGetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* needed);
    [LibraryImport(Library)] public static partial int clGetProgramInfo(nint program, uint name, nuint size, void* value, nuint* needed);
    [LibraryImport(Library)] public static partial int clReleaseProgram(nint program);
    [LibraryImport(Library)] public static partial nint clCreateKernel(nint program, byte* name, int* status);
    [LibraryImport(Library)] public static partial int clSetKernelArg(nint kernel, uint index, nuint size, void* value);
    [LibraryImport(Library)] public static partial int clEnqueueNDRangeKernel(nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* waitList, nint* done);
    [LibraryImport(Library)] public static partial int clEnqueueMarkerWithWaitList(nint queue, uint waits, nint* waitList, nint* done);
    [LibraryImport(Library)] public static partial int clEnqueueBarrierWithWaitList(nint queue, uint waits, nint* waitList, nint* done);
    [LibraryImport(Library)] public static partial int clReleaseEvent(nint done);
    [LibraryImport(Library)] public static partial int clWaitForEvents(uint count, nint* events);
    [LibraryImport(Library)] public static partial int clFlush(nint queue);
    [LibraryImport(Library)] public static partial int clFinish(nint queue);
}
