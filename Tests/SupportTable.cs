using System.Text;
using Gradwright.Checking;
using Gradwright.Tests.Layers;

namespace Gradwright.Tests;

/// <summary>Which op and layer works on an accelerator, in which precision, how often differentiable: as found by trying.</summary>
internal sealed class SupportTable(Accelerator accelerator)
{
    private const string Letters = "FGS";       // forward, gradient, second order

    /// <summary>Columns of each accelerator.</summary>
    public static readonly DType[] Types = [DType.Float32, DType.Float64, DType.BFloat16];

    /// <summary>What was tried and did not work.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>A row for each op: its name and what was found.</summary>
    public (string Name, string Cells)[] Ops() => [.. OpSamples.All.GroupBy(s => s.Op.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, Row([.. g], Cell)))];

    /// <summary>A row for each layer.</summary>
    public (string Name, string Cells)[] Layers() => [.. LayerSamples.All.GroupBy(s => s.Layer.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, Row([.. g], Cell)))];

    private string Row<TSample>(TSample[] samples, Func<TSample, Accelerator, DType, int, bool?> cell)
    {
        StringBuilder row = new();
        foreach (DType dtype in Types)
        {
            row.Append(' ');
            for (int order = 0; order < Letters.Length; order++)
            {
                bool?[] found = [.. samples.Select(sample => Tried(() => cell(sample, accelerator, dtype, order), $"{sample}, {accelerator.Name}, {dtype}, order {order}"))];
                row.Append(found.All(f => f is null) ? '·' : found.All(f => f != false) ? Letters[order] : '!');
            }

            row.Append(" |");
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
