using System.Runtime.InteropServices;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu.FakeCuda;

/// <summary>What holds on a driver without a GPU; each fact runs in a child process, where that driver is loaded.</summary>
internal static unsafe class FakeCudaFacts
{
    private const int Group = 32;

    private static readonly KernelFile _file = new(typeof(FakeCudaFacts).Assembly, "arguments.cu");
    private static readonly KernelSpec _note = new(_file, "note_arguments", Group), _addOne = new(_file, "add_one", Group), _findFault = new(_file, "find_fault", Group);

    private static CudaAccelerator First => (CudaAccelerator)Accelerator.Open("cuda:0");

    public static void A_device_says_what_it_is()
    {
        GpuTraits traits = First.Traits;
        Assert.That((traits.Api, traits.Device, traits.Capability, traits.Units, traits.MaxGroupSize), Is.EqualTo(("CUDA", "Fake GPU 0", 90, 132, 1024)));
        Assert.That((traits.SharedMemory, traits.Memory, traits.HasDouble, traits.IsProcessor), Is.EqualTo((227L << 10, 1L << 30, true, false)));
        Assert.That(First.Description, Does.Contain("Fake GPU 0").And.Contain("12.4"));
        Assert.That(Accelerator.Survey().Single(report => report.Name.StartsWith("cuda", StringComparison.Ordinal)), Has.Property("Name").EqualTo("cuda:0").And.Property("IsAvailable").True);
        Assert.That(() => Accelerator.Open("cuda:1"), Throws.TypeOf<AcceleratorException>().With.Message.Contains("CUDA has 1 device, cuda:0."));
    }

    public static void Arguments_reach_a_kernel_byte_for_byte()
    {
        using Tensor y = Tensor.Zeros([80], DType.UInt8, First);
        KernelArguments arguments = new();
        arguments.Add(y.Buffer, 8, written: true);
        arguments.Value(0x12345678);
        arguments.Value(Math.PI);
        arguments.Value(-2L);
        arguments.Value((byte)0xEE);
        arguments.Value(new Three { First = 3, Second = 0xFEDCBA98, Third = 5 });
        arguments.Value(long.MinValue);
        First.Launch(_note, new(1), ref arguments);
        byte[] bytes = y.ToArray<byte>();
        ReadOnlySpan<byte> noted = bytes.AsSpan(8);
        Assert.That((MemoryMarshal.Read<int>(noted), MemoryMarshal.Read<double>(noted[8..]), MemoryMarshal.Read<long>(noted[16..]), noted[24]), Is.EqualTo((0x12345678, Math.PI, -2L, (byte)0xEE)));
        Assert.That((MemoryMarshal.Read<long>(noted[32..]), MemoryMarshal.Read<uint>(noted[40..]), MemoryMarshal.Read<long>(noted[48..]), MemoryMarshal.Read<long>(noted[56..])), Is.EqualTo((3L, 0xFEDCBA98u, 5L, long.MinValue)));
        Assert.That(bytes.Take(8), Is.All.Zero);
    }

    public static void Bytes_survive_the_way_there_and_back_though_the_source_changes_at_once()
    {
        foreach (long n in (long[])[1, 3, 4096, 65535, 65536, 65537, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, (9 << 20) + 5])
        {
            byte[] source = new byte[n], expected, back = new byte[n];
            new Random((int)n).NextBytes(source);
            expected = [.. source];
            using Tensor x = Tensor.Empty([n], DType.UInt8, First);
            fixed (byte* p = source, q = back)
            {
                First.CopyFromHost(p, x.Buffer, 0, n);
                source.AsSpan().Clear();
                First.CopyToHost(x.Buffer, 0, q, n);
            }

            Assert.That(back.AsSpan().SequenceEqual(expected), $"{n} bytes");
        }

        using Tensor host = Tensor.From(new float[] { 1, 2, 3, 4 }), part = host.To(First);
        float changed = 9;
        First.CopyFromHost(&changed, part.Buffer, 8, 4);
        Assert.That(part.ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 9, 4 }));
    }

    public static void Every_pattern_fills()
    {
        (int Size, ulong Pattern)[] all = [(1, 0xAB), (2, 0xABCD), (4, 0x12345678), (8, 0), (8, 0x1111222211112222), (8, 0x3FF0000000000000)];
        foreach ((int size, ulong pattern) in all)
        {
            const int N = 301;
            using Tensor x = Tensor.Zeros([(N + 2) * 8], DType.UInt8, First);
            First.Fill(x.Buffer, size, N, size, pattern);
            byte[] bytes = x.ToArray<byte>(), expected = new byte[bytes.Length];
            for (int i = 0; i < N; i++) BitConverter.GetBytes(pattern).AsSpan(0, size).CopyTo(expected.AsSpan(size * (i + 1)));
            Assert.That(bytes, Is.EqualTo(expected), $"{size} bytes, {pattern:X}");
        }

        Assert.That(Tensor.Ones([5], DType.Float64, First).ToArray<double>(), Is.All.EqualTo(1));
    }

    public static void Streams_wait_for_each_other_where_they_share_memory()
    {
        using GpuStream a = First.CreateStream(), b = First.CreateStream();
        for (int round = 0; round < 4; round++)
        {
            using Tensor x = Tensor.Empty([1000], accelerator: First), unrelated = Tensor.Empty([1000], accelerator: First);
            using (a.Use()) x.FillInPlace(10);
            using (b.Use()) AddOne(x);
            long waits = FakeCuda.Calls("cuStreamWaitEvent");
            using (a.Use()) unrelated.FillInPlace(1);
            Assert.That(FakeCuda.Calls("cuStreamWaitEvent"), Is.EqualTo(waits), "no wait for what is not shared");
            using (a.Use()) AddOne(x);
            using (b.Use()) AddOne(x);
            Assert.That(x.ToArray<float>(), Is.All.EqualTo(13));
        }

        using Tensor y = Tensor.Empty([4], accelerator: First);
        using (a.Use()) AddOne(y);
        b.WaitFor(a);
        b.Synchronize();
        First.Synchronize();
    }

    public static void A_mark_tells_when_pinned_memory_may_be_used_again()
    {
        const int N = 1000;
        using Tensor x = Tensor.Empty([N], accelerator: First);
        nint pinned = First.AllocatePinned(N * sizeof(float));
        new Span<float>((void*)pinned, N).Fill(7);
        First.CopyFromPinned(pinned, x.Buffer, 0, N * sizeof(float));
        using (GpuMark mark = First.CurrentStream.Mark()) mark.Wait();
        new Span<float>((void*)pinned, N).Fill(-1);
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(7));
        First.FreePinned(pinned);
    }

    public static void Many_threads_use_one_device()
    {
        Exception[] errors = [.. Enumerable.Range(0, 8).Select(_ => (Exception)null!)];
        Thread[] threads = [.. errors.Select((_, t) => new Thread(() =>
        {
            try
            {
                for (int i = 0; i < 50; i++)
                {
                    using Tensor x = Tensor.Full([1000 + t], t, accelerator: First);
                    AddOne(x);
                    AddOne(x);
                    if (x.ToArray<float>().Any(v => v != t + 2)) throw new InvalidOperationException($"thread {t}, round {i}");
                }
            }
            catch (Exception e)
            {
                errors[t] = e;
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.That(errors, Is.All.Null);
    }

    public static void A_foreign_context_stream_and_memory_are_used_and_left_alone()
    {
        (nint context, nint stream) = FakeCuda.MakeForeign();
        (nint otherContext, _) = FakeCuda.MakeForeign();             // and is this thread's current one now
        CudaAccelerator gpu = CudaAccelerator.Adopt("theirs", context, stream);
        Assert.That((gpu.Context, gpu.Name, gpu.Traits.Device), Is.EqualTo((context, "theirs", "Fake GPU 0")));
        Assert.That(() => CudaAccelerator.Adopt("theirs", otherContext, stream), Throws.TypeOf<AcceleratorException>().With.Message.Contains("belongs to another context"));
        Assert.That(() => CudaAccelerator.Adopt("theirs", 0, stream), Throws.TypeOf<AcceleratorException>().With.Message.Contains("theirs: the context is null"));
        nint memory, now;
        CudaDriver.Check(CudaDriver.cuCtxSetCurrent(context), "foreign");
        CudaDriver.Check(CudaDriver.cuMemAlloc_v2(&memory, 4000), "foreign");
        CudaDriver.Check(CudaDriver.cuMemsetD32Async(memory, BitConverter.SingleToUInt32Bits(41), 1000, stream), "foreign");
        CudaDriver.Check(CudaDriver.cuCtxSetCurrent(otherContext), "foreign");
        bool released = false;
        using (Tensor x = Tensor.Over(MemoryBuffer.Adopt(gpu, memory, 4000, () => released = true), Layout.Contiguous([1000]), DType.Float32))
        {
            KernelArguments arguments = new();
            arguments.Out(x);
            arguments.Value(x.Count);
            gpu.Launch(_addOne, new(1), ref arguments);
            Assert.That(x.ToArray<float>(), Is.All.EqualTo(42));
            Assert.That(released, Is.False);
        }

        Assert.That(released);
        CudaDriver.Check(CudaDriver.cuCtxGetCurrent(&now), "foreign");
        Assert.That(now, Is.EqualTo(otherContext), "this thread's own context is put back");
        using Tensor own = Tensor.Ones([3], accelerator: gpu);
        Assert.That(own.ToArray<float>(), Is.All.EqualTo(1));
        CudaAccelerator standard = CudaAccelerator.Adopt("theirs too", context, 0);
        using Tensor more = Tensor.Ones([3], accelerator: standard);
        Assert.That(more.ToArray<float>(), Is.All.EqualTo(1));
        Assert.That(FakeCuda.Calls("cuStreamDestroy_v2"), Is.Zero);
    }

    public static void What_a_kernel_finds_wrong_is_thrown_when_the_host_waits()
    {
        KernelArguments arguments = new();
        First.Faults.AddTo(ref arguments, (position, value) => new ArgumentOutOfRangeException($"index {value} at {position}"));
        First.Launch(_findFault, new(1), ref arguments);
        Assert.That(() => First.Synchronize(), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("index -7 at 5"));
        First.Synchronize();
        // A kernel of one stream that has not run when the host waits for another.
        using GpuStream a = First.CreateStream(), b = First.CreateStream();
        KernelArguments more = new();
        using (a.Use())
        {
            First.Faults.AddTo(ref more, (position, value) => new ArgumentOutOfRangeException($"later, {value} at {position}"));
            First.Launch(_findFault, new(1), ref more);
        }

        b.Synchronize();
        Assert.That(a.Synchronize, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("later, -7 at 5"));
    }

    public static void A_kernel_gets_the_shared_memory_that_it_asks_for_or_the_reason_why_not()
    {
        using Tensor x = Tensor.Zeros([1], accelerator: First);
        Launch(new(_file, "add_one", Group) { SharedBytes = 40 << 10 });
        Assert.That(FakeCuda.Calls("cuFuncSetAttribute"), Is.Zero);
        Launch(new(_file, "add_one", Group) { SharedBytes = 200 << 10 });
        Assert.That(FakeCuda.Calls("cuFuncSetAttribute"), Is.EqualTo(1));
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(2));
        Assert.That(() => Launch(new(_file, "add_one", Group) { SharedBytes = 300 << 10 }), Throws.TypeOf<AcceleratorException>().With.Message.Contains("307,200 bytes of shared memory").And.Message.Contains("232,448"));

        void Launch(KernelSpec spec)
        {
            KernelArguments arguments = new();
            arguments.Out(x);
            arguments.Value(x.Count);
            First.Launch(spec, new(1), ref arguments);
        }
    }

    public static void A_kernel_for_another_architecture_is_refused()
    {
        Assert.That(() => First.Kernel(new(_file, "add_one", Group) { Capability = 100 }),
            Throws.TypeOf<AcceleratorException>().With.Message.Contains("arguments.cu: add_one").And.Message.Contains("compute capability 10.0 alone; Fake GPU 0 has 9.0"));
        First.Kernel(new(_file, "add_one", Group) { Capability = 80 });
        First.Kernel(new(_file, "add_one", Group) { Capability = 90 });
    }

    public static void A_kernel_that_does_not_compile_shows_the_compilers_words()
        => Assert.That(() => First.Kernel(new(_file, "add_one", Group, ("i64", "nonsense"))),
            Throws.TypeOf<KernelCompilationException>().With.Message.Contains("cuda:0: arguments.cu: add_one (").And.Message.Contains("wrong.cu(3): error: identifier \"nonsense\" is undefined"));

    public static void The_entry_must_be_there()
        => Assert.That(() => First.Kernel(new(_file, "not_there", Group)), Throws.TypeOf<AcceleratorException>().With.Message.Contains("cuModuleGetFunction of arguments.cu: not_there").And.Message.Contains("CUDA_ERROR_NOT_FOUND (500)"));

    public static void Without_memory_the_cache_is_given_back_and_then_the_reason_told()
    {
        Tensor first = Tensor.Empty([10 << 20], accelerator: First), second = Tensor.Empty([4 << 20], accelerator: First);        // 40 and 16 of 64 MB
        first.Dispose();
        using (Tensor third = Tensor.Empty([11 << 20], accelerator: First))
            Assert.That((FakeCuda.Calls("cuMemFree_v2"), First.Pool.Statistics.ReservedBytes), Is.EqualTo((1L, 60L << 20)));
        Assert.That(() => Tensor.Empty([20 << 20], accelerator: First),
            Throws.TypeOf<AcceleratorMemoryException>().With.Message.Contains("cuda:0 has no memory for a tensor of 83,886,080 bytes; 16,777,216 bytes are live in 1 blocks"));
        second.Dispose();
        using Tensor again = Tensor.Ones([10 << 20], accelerator: First);
        Assert.That(again[^1].ToDouble(), Is.EqualTo(1));
    }

    public static void A_launch_that_fails_names_the_kernel_and_the_remedy()
    {
        using Tensor x = Tensor.Zeros([1], accelerator: First);
        Assert.That(() => AddOne(x), Throws.TypeOf<AcceleratorException>().With.Message.Contains("cuda:0: cuLaunchKernel of arguments.cu: add_one (GROUP 32), 1 x 1 x 1 groups of 32, 0 bytes shared failed with CUDA_ERROR_LAUNCH_FAILED (719)")
            .And.Message.Contains("compute-sanitizer"));
    }

    public static void Two_devices_have_contexts_of_their_own()
    {
        Accelerator second = Accelerator.Open("cuda:1");
        Assert.That(((CudaAccelerator)second).Context, Is.Not.EqualTo(First.Context));
        Assert.That(((GpuAccelerator)second).Traits.Device, Is.EqualTo("Fake GPU 1"));
        using Tensor x = Tensor.Full([1000], 5, accelerator: First), y = x.To(second), z = Tensor.Full([1000], 6, accelerator: First);
        AddOne(y);
        AddOne(z);
        AddOne(x);
        Assert.That((x.ToArray<float>()[^1], y.ToArray<float>()[^1], z.ToArray<float>()[^1]), Is.EqualTo((6f, 6f, 7f)));
        Assert.That(() => Accelerator.Open("cuda:2"), Throws.TypeOf<AcceleratorException>().With.Message.Contains("CUDA has 2 devices, cuda:0 to cuda:1."));
        Assert.That(Accelerator.Survey().Select(report => report.Name), Is.SupersetOf(new[] { "cuda:0", "cuda:1" }));
    }

    public static void A_device_newer_than_the_compiler_gets_code_of_the_newest_architecture_that_it_knows()
    {
        CudaCode code = new NvrtcCompiler().Compile(KernelText.Assemble(_addOne), new(120));
        Assert.That(FirstLine(code), Does.StartWith("PTX --gpu-architecture=compute_90 "));
        using Tensor x = Tensor.Zeros([1], accelerator: First);
        AddOne(x);
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(1));
    }

    public static void The_compiler_is_asked_for_the_devices_own_code_and_for_exact_arithmetic()
    {
        NvrtcCompiler compiler = new();
        string source = KernelText.Assemble(_addOne);
        Assert.That(FirstLine(compiler.Compile(source, new(90))), Is.EqualTo("CUBIN --gpu-architecture=sm_90 --fmad=false --prec-div=true --prec-sqrt=true --ftz=false --std=c++17"));
        Assert.That(FirstLine(compiler.Compile(source, new(90, IsSpecific: true))), Does.StartWith("CUBIN --gpu-architecture=sm_90a "));
        Assert.That(NvrtcCompiler.Version, Is.EqualTo(12040));
        Assert.That(compiler.Compile(source, new(35)).Log, Does.Contain("no longer compiles for sm_35"));
    }

    public static void The_driver_refuses_the_code_and_says_why()
        => Assert.That(() => First.Kernel(_addOne), Throws.TypeOf<KernelCompilationException>().With.Message.Contains("nvrtc: the driver does not take its code for sm_90: CUDA_ERROR_INVALID_IMAGE").And.Message.Contains("made by a compiler from the future"));

    public static void Where_the_driver_refuses_one_compilers_code_it_gets_anothers()
    {
        using Tensor x = Tensor.Zeros([1], accelerator: First);
        AddOne(x);
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(1));
        Assert.That(FakeCuda.Compilations(), Is.EqualTo(1));
    }

    public static void Kernels_are_compiled_once_and_come_from_the_disk_afterwards()
    {
        using Tensor x = Tensor.Zeros([1], accelerator: First);
        AddOne(x);
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(1));
        Assert.That(FakeCuda.Compilations(), Is.EqualTo(Environment.GetEnvironmentVariable("FAKE_CUDA_ROUND") == "1" ? 1 : 0));
    }

    public static void Without_a_compiler_the_message_says_what_to_install()
        => Assert.That(() => First.Kernel(_addOne), Throws.TypeOf<AcceleratorException>().With.Message.Contains("cuda:0: no compiler for its kernels was found").And.Message.Contains("gradwright-ptx.zip"));

    public static void A_damaged_archive_is_named()
        => Assert.That(() => First.Kernel(_addOne), Throws.TypeOf<AcceleratorException>().With.Message.Contains("damaged.zip cannot be read").And.Message.Contains("build/ptx.sh"));

    public static void Kernels_come_from_the_archive()
    {
        using Tensor x = Tensor.Zeros([1], accelerator: First);
        AddOne(x);
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(1));
        Assert.That(() => First.Kernel(new(_file, "add_one", 2 * Group)), Throws.TypeOf<KernelCompilationException>().With.Message.Contains("does not hold this kernel for sm_90"));
    }

    public static void A_wrong_name_of_a_compiler_is_told()
        => Assert.That(() => First.Kernel(_addOne), Throws.TypeOf<AcceleratorException>().With.Message.Contains("There is no compiler 'gcc' for CUDA").And.Message.Contains("nvrtc, archive, clang"));

    public static void There_is_no_device() => AssertMissing("the NVIDIA driver knows no device");

    public static void The_driver_does_not_start() => AssertMissing("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)");

    public static void The_driver_is_a_stub() => AssertMissing("the toolkit's stub");

    public static void The_driver_is_too_old()
    {
        AssertMissing("it speaks CUDA 10.2, and 11.0 is needed");
        Assert.That(() => CudaAccelerator.Adopt("theirs", 1, 1), Throws.TypeOf<AcceleratorException>().With.Message.StartsWith("theirs: the driver is too old"));
    }

    private static void AssertMissing(string reason)
    {
        Assert.That(() => Accelerator.Open("cuda:0"), Throws.TypeOf<AcceleratorException>().With.Message.StartsWith("There is no accelerator 'cuda:0' here: ").And.Message.Contains(reason));
        AcceleratorReport report = Accelerator.Survey().Single(r => r.Name == "cuda");
        Assert.That((report.IsAvailable, report.Description.Contains(reason, StringComparison.Ordinal)), Is.EqualTo((false, true)));
    }

    private static void AddOne(Tensor x)
    {
        KernelArguments arguments = new();
        arguments.Out(x);
        arguments.Value(x.Count);
        ((GpuAccelerator)x.Accelerator).Launch(_addOne, new(1), ref arguments);
    }

    private static string FirstLine(CudaCode code) => System.Text.Encoding.UTF8.GetString(code.Image!).Split('\n')[0];

    [StructLayout(LayoutKind.Sequential)]
    private struct Three
    {
        public long First;
        public uint Second;
        public long Third;
    }
}
