using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Compares a GPU with the CPU on operands of a test's choice.</summary>
internal static class GpuParity
{
    /// <summary>Single precision, and double where the device has it.</summary>
    public static IEnumerable<DType> Types(GpuAccelerator gpu) => gpu.Traits.HasDouble ? [DType.Float32, DType.Float64] : [DType.Float32];

    /// <summary>Results, kept results and perhaps gradients agree in every floating-point type.</summary>
    public static void Check(GpuAccelerator gpu, OpSample sample, bool gradients = false)
    {
        foreach (DType dtype in Types(gpu)) Check(gpu, sample, dtype, gradients);
    }

    public static void Check(GpuAccelerator gpu, OpSample sample, DType dtype, bool gradients = false)
    {
        foreach (bool derivatives in gradients ? (bool[])[false, true] : [false])
        {
            ParityReport report = sample.CheckParity(gpu, dtype, derivatives);
            Assert.That(report.Error, Is.LessThanOrEqualTo(ParityReport.Tolerance(dtype)), $"{sample} {dtype}{(derivatives ? " gradient" : "")}: {report.Worst}");
        }
    }

    /// <summary>Results and kept results agree for these operands; <paramref name="view"/> makes the operand that is used, on either side.</summary>
    public static void Check(GpuAccelerator gpu, Op op, Tensor[] x, string what, Func<Tensor, Tensor>? view = null)
    {
        using TensorScope scope = new();
        OpSample sample = new(op, []);
        view ??= t => t;
        Tensor[] moved = [.. x.Select(t => view(new Transfer(t.Accelerator, gpu).Execute(t)))];
        Tensor[] expected = sample.ResultsOn(CpuAccelerator.Instance, [.. x.Select(view)]);
        ParityReport report = ParityReport.Compare(sample.ResultsOn(gpu, moved), expected);
        Assert.That(report.Error, Is.LessThanOrEqualTo(ParityReport.Tolerance(x[0].DType)), $"{op.Name} {what}: {report.Worst}");
    }
}
