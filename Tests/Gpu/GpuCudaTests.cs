using System.Reflection;
using Gradwright.Tests.Gpu.FakeCuda;
using NUnit.Framework;
using static Gradwright.Tests.Gpu.FakeCuda.FakeCudaFacts;

namespace Gradwright.Tests.Gpu;

/// <summary>The host's side of CUDA on a driver without a GPU, in child processes: each has a driver with other properties.</summary>
public sealed class GpuCudaTests
{
    private const string Facts = "GRADWRIGHT_FAKE_CUDA_FACTS";

    [OneTimeTearDown]
    public void Clean() => FakeCuda.FakeCuda.Delete();

    /// <summary>In a child process: the facts that it was started for.</summary>
    [Test]
    public void Facts_hold_in_a_child_process()
    {
        if (Environment.GetEnvironmentVariable(Facts) is not { Length: > 0 } names) Assert.Ignore("runs in the child processes of the other tests");
        else Assert.Multiple(() =>
        {
            foreach (string name in names.Split(',')) typeof(FakeCudaFacts).GetMethod(name, BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Action>()();
            TestContext.Out.WriteLine($"facts that were looked at: {names}");
        });
    }

    [Test]
    public void Memory_kernels_streams_and_threads() => Child([],
        A_device_says_what_it_is, Arguments_reach_a_kernel_byte_for_byte, Bytes_survive_the_way_there_and_back_though_the_source_changes_at_once, Every_pattern_fills,
        Streams_wait_for_each_other_where_they_share_memory, A_mark_tells_when_pinned_memory_may_be_used_again, Many_threads_use_one_device, What_a_kernel_finds_wrong_is_thrown_when_the_host_waits);

    [Test]
    public void Foreign_contexts() => Child([], A_foreign_context_stream_and_memory_are_used_and_left_alone);

    [Test]
    public void Two_devices() => Child([("FAKE_CUDA_DEVICES", "2")], Two_devices_have_contexts_of_their_own);

    [Test]
    public void Compilation() => Child([],
        The_compiler_is_asked_for_the_devices_own_code_and_for_exact_arithmetic, A_kernel_that_does_not_compile_shows_the_compilers_words, The_entry_must_be_there,
        A_kernel_for_another_architecture_is_refused, A_kernel_gets_the_shared_memory_that_it_asks_for_or_the_reason_why_not);

    [Test]
    public void A_newer_device() => Child([("FAKE_CUDA_CAPABILITY", "120")], A_device_newer_than_the_compiler_gets_code_of_the_newest_architecture_that_it_knows);

    [Test]
    public void An_older_driver()
    {
        Child([("FAKE_CUDA_REFUSE", "CUBIN")], The_driver_refuses_the_code_and_says_why);
        if (new ClangPtx().Missing is null) Child([("FAKE_CUDA_REFUSE", "CUBIN"), (CudaCompiler.EnvironmentVariable, null)], Where_the_driver_refuses_one_compilers_code_it_gets_anothers);
    }

    [Test]
    public void The_cache_on_disk()
    {
        string cache = Path.Combine(FakeCuda.FakeCuda.Folder, "cache");
        foreach (string round in (string[])["1", "2"])
            Child([(KernelCache.EnvironmentVariable, cache), ("FAKE_CUDA_ROUND", round)], Kernels_are_compiled_once_and_come_from_the_disk_afterwards);
    }

    [Test]
    public void The_archive()
    {
        string archive = Path.Combine(FakeCuda.FakeCuda.Folder, "kernels.zip");
        string source = KernelText.Assemble(new(new(typeof(GpuCudaTests).Assembly, "arguments.cu"), "add_one", 32));
        PtxArchive.Write(archive, [(source, new(80), System.Text.Encoding.ASCII.GetBytes(".visible .entry add_one(\0"))]);
        Child([(CudaCompiler.EnvironmentVariable, "archive"), (PtxArchive.PathVariable, archive)], Kernels_come_from_the_archive);
        Child([(CudaCompiler.EnvironmentVariable, "archive"), (PtxArchive.PathVariable, "/nowhere/gradwright-ptx.zip")], Without_a_compiler_the_message_says_what_to_install);
        string damaged = Path.Combine(FakeCuda.FakeCuda.Folder, "damaged.zip");
        File.WriteAllText(damaged, "no archive");
        Child([(CudaCompiler.EnvironmentVariable, "archive"), (PtxArchive.PathVariable, damaged)], A_damaged_archive_is_named);
        Child([(CudaCompiler.EnvironmentVariable, "gcc")], A_wrong_name_of_a_compiler_is_told);
    }

    [Test]
    public void Little_memory() => Child([("FAKE_CUDA_MEMORY", $"{64 << 20}")], Without_memory_the_cache_is_given_back_and_then_the_reason_told);

    [Test]
    public void A_failing_launch() => Child([("FAKE_CUDA_LAUNCH", "719")], A_launch_that_fails_names_the_kernel_and_the_remedy);

    [Test]
    public void Drivers_that_cannot_be_used()
    {
        Child([("FAKE_CUDA_DEVICES", "0")], There_is_no_device);
        Child([("FAKE_CUDA_INIT", "100")], There_is_no_device);
        Child([("FAKE_CUDA_INIT", "803")], The_driver_does_not_start);
        Child([("FAKE_CUDA_INIT", "34")], The_driver_is_a_stub);
        Child([("FAKE_CUDA_VERSION", "10020")], The_driver_is_too_old);
    }

    private static void Child((string, string?)[] environment, params Action[] facts)
    {
        if (Environment.GetEnvironmentVariable(Facts) is not null) Assert.Ignore("this is such a child process");
        List<string> lines = ChildRun.Expect("FullyQualifiedName~GpuCudaTests.Facts_hold",
        [
            (NativeLibraries.CudaVariable, FakeCuda.FakeCuda.Driver), (NativeLibraries.NvrtcVariable, FakeCuda.FakeCuda.Compiler), (KernelCache.EnvironmentVariable, "off"),
            (CudaCompiler.EnvironmentVariable, "nvrtc"), (Accelerator.EnvironmentVariable, null), (Facts, string.Join(',', facts.Select(fact => fact.Method.Name))), .. environment,
        ]);
        Assert.That(lines, Has.Some.Contains("Passed"), string.Join('\n', lines));
    }
}
