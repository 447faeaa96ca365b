using System.Text;
using static Gradwright.OpenClDriver;

namespace Gradwright;

/// <summary>A kernel of a built program.</summary>
internal sealed unsafe class OpenClKernel : GpuKernel
{
    private readonly string _accelerator;
    private readonly nint _kernel;
    private readonly Lock _lock = new();    // a kernel object holds its arguments: setting them and launching is one step

    private OpenClKernel(string accelerator, KernelSpec spec, nint kernel) : base(spec) => (_accelerator, _kernel) = (accelerator, kernel);

    public override void Enqueue(GpuStream stream, LaunchSize size, ref KernelArguments arguments)
    {
        nuint* local = stackalloc nuint[3] { (nuint)Spec.GroupSize, 1, 1 };
        nuint* global = stackalloc nuint[3] { (nuint)(size.X * Spec.GroupSize), (nuint)size.Y, (nuint)size.Z };
        lock (_lock)
        {
            for (int i = 0; i < arguments.Count; i++)
            {
                int status = clSetKernelArg(_kernel, (uint)i, (nuint)arguments.SizeOf(i), arguments.AddressOf(i));
                if (status != 0) Check(status, _accelerator, $"clSetKernelArg {i} of {Spec}(");
            }

            int launched = clEnqueueNDRangeKernel(((OpenClStream)stream).Queue, _kernel, 3, null, global, local, 0, null, null);
            if (launched != 0) Check(launched, _accelerator, $"clEnqueueNDRangeKernel of {Spec}, {size.X} x {size.Y} x {size.Z} groups of {Spec.GroupSize}(");
        }
    }

    public static OpenClKernel Compile(OpenClAccelerator accelerator, KernelSpec spec, bool roundsDivisions)
    {
        string options = "-cl-std=CL1.2" + (roundsDivisions ? " -cl-fp32-correctly-rounded-divide-sqrt" : "")
            + (Environment.GetEnvironmentVariable("GRADWRIGHT_OPENCL_OPTIONS") is { Length: > 0 } more ? $" {more}" : "");
        string source = KernelText.Assemble(spec);
        KernelCache cache = KernelCache.Default;
        string key = KernelCache.KeyOf(source, options, accelerator.Traits.Device, accelerator.Traits.Driver);
        nint program = cache.TryRead(key, out byte[] binary) ? FromBinary(accelerator, binary, options) : 0;
        if (program == 0)
        {
            program = FromSource(accelerator, spec, source, options);
            cache.Write(key, BinaryOf(accelerator, program));
        }

        int status;
        nint kernel;
        fixed (byte* name = Encoding.ASCII.GetBytes(spec.Entry + '\0')) kernel = clCreateKernel(program, name, &status);
        Check(status, accelerator.Name, $"clCreateKernel of {spec}(");
        Check(clReleaseProgram(program), accelerator.Name);         // the kernel holds on to it
        return new(accelerator.Name, spec, kernel);
    }

    private static nint FromSource(OpenClAccelerator accelerator, KernelSpec spec, string source, string options)
    {
        byte[] text = Encoding.UTF8.GetBytes(source);
        nint program, device = accelerator.Device;
        int status;
        fixed (byte* p = text)
        {
            byte* start = p;
            nuint length = (nuint)text.Length;
            program = clCreateProgramWithSource(accelerator.Context, 1, &start, &length, &status);
        }

        Check(status, accelerator.Name, "clCreateProgramWithSource()");
        int built = Build(program, device, options);
        if (built == 0) return program;
        string log = LogOf(program, device);
        _ = clReleaseProgram(program);
        throw new KernelCompilationException(accelerator.Name, spec, log.Length == 0 ? NameOf(built) : log);
    }

    /// <returns>0 if the driver does not take it: after an update, say.</returns>
    private static nint FromBinary(OpenClAccelerator accelerator, byte[] binary, string options)
    {
        nint program, device = accelerator.Device;
        int status, accepted;
        fixed (byte* p = binary)
        {
            byte* start = p;
            nuint length = (nuint)binary.Length;
            program = clCreateProgramWithBinary(accelerator.Context, 1, &device, &length, &start, &accepted, &status);
        }

        if (status != 0) return 0;
        if (accepted == 0 && Build(program, device, options) == 0) return program;
        _ = clReleaseProgram(program);
        return 0;
    }

    private static int Build(nint program, nint device, string options)
    {
        fixed (byte* o = Encoding.ASCII.GetBytes(options + '\0')) return clBuildProgram(program, 1, &device, o, 0, 0);
    }

    private static string LogOf(nint program, nint device)
    {
        nuint length = 0;
        if (clGetProgramBuildInfo(program, device, BuildLog, 0, null, &length) != 0 || length == 0) return "";
        byte[] log = new byte[length];
        fixed (byte* p = log) _ = clGetProgramBuildInfo(program, device, BuildLog, length, p, null);
        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n');
    }

    private static byte[] BinaryOf(OpenClAccelerator accelerator, nint program)
    {
        nuint length = 0;
        Check(clGetProgramInfo(program, ProgramBinarySizes, (nuint)sizeof(nuint), &length, null), accelerator.Name);
        byte[] binary = new byte[length];
        fixed (byte* p = binary)
        {
            byte* start = p;
            Check(clGetProgramInfo(program, ProgramBinaries, (nuint)sizeof(nint), &start, null), accelerator.Name);
        }

        return binary;
    }
}
