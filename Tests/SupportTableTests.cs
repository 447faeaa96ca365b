using Gradwright.Tests.Gpu;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>docs/support.md says what was found by trying. With GRADWRIGHT_WRITE_SUPPORT=docs/support.md the file is written anew instead.</summary>
public sealed class SupportTableTests
{
    private const string Head = """
        # What works where

        Made by the tests, which try every op and every layer on samples and fail when this page differs from what they find. `F`: the forward pass agrees with double
        precision on the CPU (that one with what is known about the op). `G`: so does the gradient; on the CPU in Float64 it agrees with finite differences. `S`: so does
        the second derivative. `·`: there is none. Float32 is f32, Float64 f64; 16 stands for BFloat16: stored in 16 bits and computed with in Float32; for layers, mixed
        precision. OpenCL is PoCL, on a processor.

        CUDA has the same kernels, from the same text. `PTX`: every kernel that the samples use, forward and backward, in all precisions, compiles to PTX for sm_80
        and sm_90 (a test, too). None has run on NVIDIA hardware yet ([gpu.md](gpu.md)).
        """;

    private static readonly string[][] _written = [.. Written().Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.Contains("f32", StringComparison.Ordinal)).Select(line => line.Split('|'))];

    [Test]
    public void Docs_say_what_works_on_the_processor() => AssertWritten(new(CpuAccelerator.Instance), 0);

    [Test]
    [Category(TestProgram.Devices)]
    [CompiledQuickly]
    public void Docs_say_what_works_on_a_device()
    {
        SupportTable device = new(GpuDevices.Require("opencl:0"));
        if (Environment.GetEnvironmentVariable("GRADWRIGHT_WRITE_SUPPORT") is { Length: > 0 } path) File.WriteAllText(path, Page(new(CpuAccelerator.Instance), device));
        AssertWritten(device, 1);
    }

    private static void AssertWritten(SupportTable table, int accelerator)
    {
        (string Name, string Cells)[] found = [.. table.Ops(), .. table.Layers()];
        Assert.That(table.Failures, Is.Empty);
        int columns = SupportTable.Types.Length, first = 2 + accelerator * columns;
        Assert.That(found, Is.EqualTo(_written.Select(row => (row[1].Trim(), string.Join('|', row[first..(first + columns)]) + "|"))),
            "docs/support.md is stale: run Docs_say_what_works_on_a_device with GRADWRIGHT_WRITE_SUPPORT=docs/support.md, and build again");
    }

    private static string Page(SupportTable processor, SupportTable device)
    {
        return $"{Head}\n{Table("Ops", processor.Ops(), device.Ops())}{Table("Layers", processor.Layers(), device.Layers())}";

        static string Table(string title, (string Name, string Cells)[] here, (string Name, string Cells)[] there)
            => $"\n## {title}\n\n| {title[..^1]} | CPU f32 | CPU f64 | CPU 16 | OpenCL f32 | OpenCL f64 | OpenCL 16 | CUDA |\n|---|---|---|---|---|---|---|---|\n"
                + string.Concat(here.Zip(there, (row, other) => $"| {row.Name} |{row.Cells}{other.Cells} PTX |\n"));
    }

    private static string Written()
    {
        using StreamReader reader = new(typeof(SupportTableTests).Assembly.GetManifestResourceStream("support.md")!);
        return reader.ReadToEnd();
    }
}
