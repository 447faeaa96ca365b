using System.Collections.Concurrent;
using System.Diagnostics;
using Gradwright.Examples.KernelList;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

/// <summary>
/// Every kernel that the library uses on CUDA devices, compiled by clang to PTX for each architecture that it is used on: what a machine without a GPU can know of a kernel there.
/// </summary>
public sealed class PtxGateTests
{
    private const int ShownFailures = 10;

    [TestCase(80, TestName = "Every_kernel_compiles_for_sm_80")]
    [TestCase(90, TestName = "Every_kernel_compiles_for_sm_90")]
    public void Every_kernel_compiles_for(int capability)
    {
        ClangPtx clang = new();
        if (clang.Missing is { } missing) Assert.Ignore($"This check needs {missing}");
        KernelCatalog[] catalogs = [.. PtxArchive.Capabilities.Select(KernelCatalog.For)];
        (KernelSpec Spec, CudaTarget Target)[] jobs = [.. KernelsRun.Jobs(catalogs).Where(job => job.Target.Capability == capability)];
        long start = Stopwatch.GetTimestamp();
        ConcurrentBag<string> failures = [];
        Parallel.ForEach(jobs, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, job =>
        {
            if (Fault(clang.Compile(KernelText.Assemble(job.Spec), job.Target), job.Spec) is { } fault) failures.Add($"{job.Spec} for {job.Target}:\n{fault}");
        });
        TestContext.Out.WriteLine($"{jobs.Length} kernels compiled for sm_{capability} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        Assert.That(jobs, Is.Not.Empty);
        Assert.That(failures, Is.Empty, $"{failures.Count} of {jobs.Length}:\n{string.Join("\n\n", failures.Take(ShownFailures))}");
    }

    [Test]
    public void A_kernel_that_does_not_compile_is_reported_with_the_compilers_words()
    {
        ClangPtx clang = new();
        if (clang.Missing is { } missing) Assert.Ignore($"This check needs {missing}");
        CudaCode code = clang.Compile("#line 7 \"wrong.cu\"\nextern \"C\" __attribute__((global)) void wrong(float* y) { *y = nonsense; }\n", new(80));
        Assert.That(code.Image, Is.Null);
        Assert.That(code.Log, Does.Contain("wrong.cu:7").And.Contain("nonsense"));
    }

    [Test]
    public void A_call_of_what_is_not_there_does_not_pass()
    {
        ClangPtx clang = new();
        if (clang.Missing is { } missing) Assert.Ignore($"This check needs {missing}");
        KernelSpec spec = new(new(typeof(PtxGateTests).Assembly, "arguments.cu"), "absent", 32);
        CudaCode code = clang.Compile("extern \"C\" __attribute__((device)) float elsewhere(float);\nextern \"C\" __attribute__((global)) void absent(float* y) { *y = elsewhere(*y); }\n", new(80));
        Assert.That(Fault(code, spec), Does.Contain("elsewhere"));
    }

    [Test]
    public void The_catalog_holds_kernels_of_every_file()
    {
        string[] embedded = [.. new[] { typeof(Accelerator).Assembly, typeof(Gradwright.Kernels.Op).Assembly }.SelectMany(assembly => assembly.GetManifestResourceNames()).Where(name => name.EndsWith(".cu", StringComparison.Ordinal))];
        Assert.That(KernelCatalog.For(90).Skipped.Select(skipped => $"{skipped.Key}: {skipped.Value}"), Is.Empty, "uses that could not be recorded");
        Assert.That(KernelCatalog.For(90).Specs.Select(spec => spec.File.Name).Distinct(), Is.EquivalentTo(embedded));
    }

    /// <summary>What is wrong with the code, if anything.</summary>
    private static string? Fault(CudaCode code, KernelSpec spec)
    {
        if (code.Image is not { } image) return code.Log;
        string ptx = System.Text.Encoding.ASCII.GetString(image);
        int unresolved = ptx.IndexOf(ClangPtx.Unresolved, StringComparison.Ordinal);
        if (unresolved >= 0) return $"It calls what it does not hold: {ptx.Substring(unresolved, Math.Min(200, ptx.Length - unresolved))}";
        if (!ptx.Contains($".visible .entry {spec.Entry}(", StringComparison.Ordinal)) return $"It has no entry '{spec.Entry}'.";
        // Quotients and roots are rounded as IEEE 754 says, and subnormal numbers stay.
        string[] loose = ["div.full", "div.approx", "sqrt.approx", "rcp.approx", ".ftz"];
        return spec.Capability == 0 && loose.FirstOrDefault(word => ptx.Contains(word, StringComparison.Ordinal)) is { } found ? $"It computes with {found}, which does not round as it should." : null;
    }
}
