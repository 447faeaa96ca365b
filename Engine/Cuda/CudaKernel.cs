using System.Text;
using static Gradwright.CudaDriver;

namespace Gradwright;

/// <summary>A kernel of a loaded module.</summary>
internal sealed unsafe class CudaKernel : GpuKernel
{
    private const int SharedWithoutAsking = 48 << 10;

    private readonly CudaAccelerator _accelerator;
    private readonly nint _function;

    private CudaKernel(CudaAccelerator accelerator, KernelSpec spec, nint function) : base(spec) => (_accelerator, _function) = (accelerator, function);

    public override void Enqueue(GpuStream stream, LaunchSize size, ref KernelArguments arguments)
    {
        void** parameters = stackalloc void*[KernelArguments.MostArguments];
        for (int i = 0; i < arguments.Count; i++) parameters[i] = arguments.AddressOf(i);
        using CudaContext context = _accelerator.Enter();
        int status = cuLaunchKernel(_function, checked((uint)size.X), (uint)size.Y, (uint)size.Z, (uint)Spec.GroupSize, 1, 1, (uint)Spec.SharedBytes, ((CudaStream)stream).Handle, parameters, null);
        if (status != 0) Check(status, _accelerator.Name, $"cuLaunchKernel of {Spec}, {size.X} x {size.Y} x {size.Z} groups of {Spec.GroupSize}, {Spec.SharedBytes} bytes shared(");
    }

    /// <summary>Loads a kernel, compiled by the first compiler whose code the driver takes.</summary>
    /// <exception cref="KernelCompilationException">No compiler can compile it; all their words are in the message.</exception>
    /// <exception cref="AcceleratorException">There is no compiler.</exception>
    public static CudaKernel Compile(CudaAccelerator accelerator, KernelSpec spec)
    {
        GpuTraits traits = accelerator.Traits;
        CudaTarget target = CudaTarget.Of(spec, traits, accelerator.Name);
        if (spec.SharedBytes > traits.SharedMemory)
            throw new AcceleratorException($"{accelerator.Name}: {spec} takes {spec.SharedBytes:N0} bytes of shared memory per group; {traits.Device} has {traits.SharedMemory:N0}.");
        string source = KernelText.Assemble(spec);
        using CudaContext context = accelerator.Enter();
        nint module = Load(accelerator, spec, source, target);
        nint function;
        fixed (byte* name = Encoding.ASCII.GetBytes(spec.Entry + '\0')) Check(cuModuleGetFunction(&function, module, name), accelerator.Name, $"cuModuleGetFunction of {spec}(");
        if (spec.SharedBytes > SharedWithoutAsking)
            Check(cuFuncSetAttribute(function, MaxDynamicSharedBytes, spec.SharedBytes), accelerator.Name, $"cuFuncSetAttribute of {spec}, {spec.SharedBytes} bytes shared(");
        return new(accelerator, spec, function);
    }

    private static nint Load(CudaAccelerator accelerator, KernelSpec spec, string source, CudaTarget target)
    {
        List<string> missing = [], refused = [];
        foreach (CudaCompiler compiler in CudaCompiler.Chosen())
        {
            if (compiler.Missing is { } reason)
            {
                missing.Add(reason);
                continue;
            }

            KernelCache cache = KernelCache.Default;
            string? identity = compiler.Identity(target), key = identity is null ? null : KernelCache.KeyOf(source, identity);
            if (key is not null && cache.TryRead(key, out byte[] kept) && TryLoad(accelerator, kept, out nint module, out _)) return module;
            CudaCode code = compiler.Compile(source, target);
            if (code.Image is null)
            {
                refused.Add($"{compiler.Name}: {code.Log}");
                continue;
            }

            if (!TryLoad(accelerator, code.Image, out module, out string words))
            {
                refused.Add($"{compiler.Name}: the driver does not take its code for {target}: {words}");
                continue;
            }

            if (key is not null) cache.Write(key, code.Image);
            return module;
        }

        if (refused.Count > 0) throw new KernelCompilationException(accelerator.Name, spec, string.Join('\n', [.. refused, .. missing]));
        throw new AcceleratorException($"{accelerator.Name}: no compiler for its kernels was found. Any one of these will do:\n- {string.Join("\n- ", missing)}");
    }

    /// <returns>False if the driver refuses the code as such; another compiler's may do.</returns>
    private static bool TryLoad(CudaAccelerator accelerator, byte[] image, out nint module, out string words)
    {
        const int LogBytes = 8192, Options = 2;
        byte* log = stackalloc byte[LogBytes];
        log[0] = 0;
        int* options = stackalloc int[Options] { ErrorLogBuffer, ErrorLogBytes };
        void** values = stackalloc void*[Options] { log, (void*)LogBytes };
        nint loaded = 0;
        int status;
        fixed (byte* code = image) status = cuModuleLoadDataEx(&loaded, code, Options, options, values);
        (module, words) = (loaded, "");
        if (status is not (0 or InvalidImage or NoBinaryForGpu or InvalidPtx or NoJitCompiler or UnsupportedPtxVersion or JitDisabled or InvalidSource)) Check(status, accelerator.Name, "cuModuleLoadDataEx()");
        if (status != 0) words = $"{NameOf(status)}, {TextOf(status)}. {Text(log, LogBytes)}".TrimEnd();
        return status == 0;
    }

    private static string Text(byte* text, int most)
    {
        ReadOnlySpan<byte> all = new(text, most);
        int end = all.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? all : all[..end]);
    }
}
