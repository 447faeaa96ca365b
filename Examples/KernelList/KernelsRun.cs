using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gradwright.Examples.KernelList;

/// <summary>Prints the catalog, or writes the archive.</summary>
internal sealed class KernelsRun(TextWriter output)
{
    private const int Failed = 1;

    /// <param name="archive">The file to write; null lists the kernels.</param>
    /// <param name="stored">Write it uncompressed.</param>
    public int Run(string? archive, bool stored)
    {
        KernelCatalog[] catalogs = [.. PtxArchive.Capabilities.Select(KernelCatalog.For)];
        foreach (IGrouping<string, string> skipped in catalogs.SelectMany(catalog => catalog.Skipped).Distinct().GroupBy(entry => entry.Value, entry => entry.Key))
            output.WriteLine($"not recorded: {string.Join("; ", skipped)}\n  {skipped.Key}");
        return archive is null ? List(catalogs) : Write(catalogs, archive, stored);
    }

    private int List(KernelCatalog[] catalogs)
    {
        KernelSpec[] specs = [.. catalogs.SelectMany(catalog => catalog.Specs).DistinctBy(spec => spec.Index)];
        foreach (IGrouping<string, KernelSpec> file in specs.GroupBy(spec => spec.File.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
            output.WriteLine($"{file.Key,-24} {file.Count(),5} specialisations of {string.Join(", ", file.Select(spec => spec.Entry).Distinct().Order(StringComparer.Ordinal))}");
        return 0;
    }

    private int Write(KernelCatalog[] catalogs, string archive, bool stored)
    {
        ClangPtx clang = new();
        if (clang.Missing is { } missing) throw new AcceleratorException($"Compiling ahead of time needs {missing}");
        long start = Stopwatch.GetTimestamp();
        ConcurrentBag<(string Source, CudaTarget Target, byte[] Code)> made = [];
        ConcurrentBag<string> failures = [];
        Parallel.ForEach(Jobs(catalogs), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, job =>
        {
            string source = KernelText.Assemble(job.Spec);
            CudaCode code = clang.Compile(source, job.Target);
            if (code.Image is { } image) made.Add((source, job.Target, image));
            else failures.Add($"{job.Spec} for {job.Target}:\n{code.Log}");
        });
        foreach (string failure in failures) output.WriteLine(failure);
        if (!failures.IsEmpty) return Failed;
        PtxArchive.Write(archive, made, stored);
        output.WriteLine($"{archive}: {made.Count} kernels, {new FileInfo(archive).Length / 1e6:0.0} MB, in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        return 0;
    }

    /// <summary>A portable kernel for every architecture of the archive, one that is written for an architecture for that one.</summary>
    public static IReadOnlyList<(KernelSpec Spec, CudaTarget Target)> Jobs(IReadOnlyList<KernelCatalog> catalogs)
    {
        Dictionary<string, (KernelSpec, CudaTarget)> jobs = [];
        for (int i = 0; i < catalogs.Count; i++)
        {
            int capability = PtxArchive.Capabilities[i];
            foreach (KernelSpec spec in catalogs[i].Specs)
            {
                CudaTarget target = new(capability, spec.Capability >= CudaTarget.FirstSpecific);
                jobs.TryAdd($"{target} {spec.Entry} {KernelText.Assemble(spec)}", (spec, target));
            }
        }

        return [.. jobs.Values];
    }
}
