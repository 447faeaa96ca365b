using System.Text;
using Gradwright.Checking;
using Gradwright.Tests.Gpu;
using Gradwright.Tests.Layers;

namespace Gradwright.Tests;

/// <summary>Which op and layer works where, in which precision, how often differentiable: as found by trying.</summary>
internal sealed class SupportTable
{
    public const string Columns = "| CPU f32 | CPU f64 | CPU 16 | OpenCL f32 | OpenCL f64 | OpenCL 16 | CUDA |";

    private const string Letters = "FGS";       // forward, gradient, second order

    private static readonly DType[] _types = [DType.Float32, DType.Float64, DType.BFloat16];

    private readonly GpuAccelerator? _gpu = GpuDevices.IsHere("opencl:0") ? GpuDevices.Require("opencl:0") : null;

    /// <summary>What was tried and did not work.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>The rows as Markdown; the columns of a device that is missing are left out.</summary>
    public string[] Ops() => [.. OpSamples.All.GroupBy(s => s.Op.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Row(g.Key, [.. g], Cell))];

    public string[] Layers() => [.. LayerSamples.All.GroupBy(s => s.Layer.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Row(g.Key, [.. g], Cell))];

    private string Row<TSample>(string name, TSample[] samples, Func<TSample, Accelerator, DType, int, bool?> cell)
    {
        StringBuilder row = new($"| {name} |");
        foreach (Accelerator? accelerator in (Accelerator?[])[CpuAccelerator.Instance, _gpu])
        {
            if (accelerator is null) continue;
            foreach (DType dtype in _types)
            {
                row.Append(' ');
                for (int order = 0; order < Letters.Length; order++)
                {
                    bool?[] found = [.. samples.Select(sample => Tried(() => cell(sample, accelerator, dtype, order), $"{sample}, {accelerator.Name}, {dtype}, order {order}"))];
                    row.Append(found.All(f => f is null) ? '·' : found.All(f => f != false) ? Letters[order] : '!');
                }

                row.Append(" |");
            }
        }

        return row.ToString();
    }

    private bool? Tried(Func<bool?> check, string what)
    {
        bool? works;
        string message = "";
        try
        {
            works = check();
        }
        catch (Exception e) when (e is OperandException or TapeException or AcceleratorException or ArgumentException)
        {
            (works, message) = (false, e.Message);
        }

        if (works == false) Failures.Add($"{what} {message}");
        return works;
    }

    /// <summary>Whether it works; null where there is nothing to try.</summary>
    private static bool? Cell(OpSample sample, Accelerator accelerator, DType dtype, int order)
    {
        if (order > 0 && !sample.IsDifferentiable || order > 1 && !sample.TwiceDifferentiable) return null;
        if (order > 0 && dtype == DType.Float64 && accelerator is CpuAccelerator)
            return TestRun.Once((sample, order), () => order == 1 ? sample.CheckGradient() : sample.CheckSecondDerivative()).Passed;
        return sample.CheckAgainstDouble(accelerator, dtype, order).Error <= sample.HalfSlack * ParityReport.Tolerance(dtype, order);
    }

    private static bool? Cell(LayerSample sample, Accelerator accelerator, DType dtype, int order)
    {
        if (order > 1 && !sample.TwiceDifferentiable) return null;
        if (order > 0 && dtype == DType.Float64 && accelerator is CpuAccelerator) return TestRun.Once((sample, order), () => sample.CheckGradient(order > 1)).Passed;
        return dtype.IsHalf ? sample.CheckMixed(accelerator, order).Error <= sample.HalfSlack * LayerSample.HalfTolerance * Math.Max(1, 4 * (order - 1))
            : sample.CheckAgainstDouble(accelerator, dtype, order).Error <= 4 * ParityReport.Tolerance(dtype, order);
    }
}
