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

    [Test]
    public void Docs_say_what_works()
    {
        SupportTable table = new();
        string[] ops = table.Ops(), layers = table.Layers();
        Assert.That(table.Failures, Is.Empty);
        bool hasDevice = ops[0].Count(c => c == '|') > 5;
        if (hasDevice && Environment.GetEnvironmentVariable("GRADWRIGHT_WRITE_SUPPORT") is { Length: > 0 } path)
        {
            string Table(string title, string[] rows) => $"\n## {title}\n\n| {title[..^1]} {SupportTable.Columns}\n|---|---|---|---|---|---|---|---|\n{string.Join('\n', rows.Select(row => row + " PTX |"))}\n";
            File.WriteAllText(path, $"{Head}\n{Table("Ops", ops)}{Table("Layers", layers)}");
        }

        using StreamReader reader = new(typeof(SupportTableTests).Assembly.GetManifestResourceStream("support.md")!);
        string[] written = [.. reader.ReadToEnd().Split('\n').Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal) && !line.Contains("CPU f32", StringComparison.Ordinal))];
        written = [.. written.Select(line => string.Join('|', line.Split('|')[..(hasDevice ? 8 : 5)]) + "|")];
        Assert.That((string[])[.. ops, .. layers], Is.EqualTo(written), "docs/support.md is stale: run this test with GRADWRIGHT_WRITE_SUPPORT=docs/support.md, and build again");
    }
}
