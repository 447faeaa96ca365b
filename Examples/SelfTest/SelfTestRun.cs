using System.Diagnostics;
using Gradwright.Checking;
using Gradwright.Kernels;

namespace Gradwright.Examples.SelfTest;

/// <summary>Runs every kernel against the CPU on the user's own device, then times one of each family at a size that counts.</summary>
internal sealed class SelfTestRun(GpuAccelerator gpu, TextWriter output)
{
    private const int Failed = 1;
    private const double Budget = 0.2;      // seconds of a timing

    private int _wrong;

    /// <param name="filter">Part of an op's name.</param>
    /// <param name="timings">Whether to time the large samples too.</param>
    /// <returns>The exit code: 1 when a kernel is wrong.</returns>
    public int Run(string filter, bool timings)
    {
        output.WriteLine($"{gpu.Name}: {gpu.Description}");
        CheckSamples([.. OpSamples.All.Where(s => s.Op.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))], filter);
        if (timings) TimeSamples([.. LargeSamples.All().Where(s => s.Op.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))]);
        output.WriteLine(_wrong == 0 ? "Everything agrees with the CPU." : $"{_wrong} {(_wrong == 1 ? "kernel does" : "kernels do")} not agree with the CPU. Please report the lines above with the device's name and driver.");
        return _wrong == 0 ? 0 : Failed;
    }

    private void CheckSamples(OpSample[] samples, string filter)
    {
        if (samples.Length == 0) throw new ArgumentException($"No op has a name with '{filter}'. Without --filter all are tested.");
        DType[] types = gpu.Traits.HasDouble ? [DType.Float32, DType.Float64] : [DType.Float32];
        long start = Stopwatch.GetTimestamp();
        IGrouping<string, OpSample>[] ops = [.. samples.GroupBy(s => s.Op.Name).OrderBy(g => g.Key, StringComparer.Ordinal)];
        int width = ops.Max(op => op.Key.Length);
        output.WriteLine();
        output.WriteLine("Largest difference from the CPU's result, relative to the largest element: values and gradients.");
        output.WriteLine($"{"op".PadRight(width)}  samples{string.Concat(types.Select(t => $"  {t,8}"))}  verdict");
        output.WriteLine(new string('─', width + 9 + 10 * types.Length + 9));
        foreach (IGrouping<string, OpSample> op in ops)
        {
            double[] worst = new double[types.Length];
            string mistake = "";
            for (int i = 0; i < types.Length; i++)
                foreach (OpSample sample in op)
                    foreach (bool gradients in (bool[])[false, true])
                        if (!gradients || sample.IsDifferentiable) mistake = Check(sample, types[i], gradients, ref worst[i]) ?? mistake;
            if (mistake.Length > 0) _wrong++;
            output.WriteLine($"{op.Key.PadRight(width)}  {op.Count(),7}{string.Concat(worst.Select(w => $"  {w,8:0.0e0}"))}  {(mistake.Length == 0 ? "good" : $"WRONG: {mistake}")}");
        }

        output.WriteLine();
        output.WriteLine($"{ops.Length} ops, {samples.Length} samples in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {gpu.Launches:N0} kernels launched.");
    }

    /// <returns>What is wrong, if anything.</returns>
    private string? Check(OpSample sample, DType dtype, bool gradients, ref double worst)
    {
        try
        {
            ParityReport report = sample.CheckParity(gpu, dtype, gradients);
            worst = Math.Max(worst, report.Error);
            return report.Error <= ParityReport.Tolerance(dtype) ? null : $"{sample}, {dtype}{(gradients ? ", gradient" : "")}: {report.Worst}";
        }
        catch (AcceleratorException e)
        {
            worst = double.PositiveInfinity;
            return $"{sample}, {dtype}: {e.Message}";
        }
    }

    private void TimeSamples(OpSample[] samples)
    {
        DeviceLimits limits = DeviceLimits.Measure(gpu);
        output.WriteLine();
        output.WriteLine($"Limits as measured now: {limits.Bandwidth / 1e9:0.0} GB/s copied, {limits.Arithmetic / 1e9:0.0} GFLOP/s in single precision. Times are the fastest of several; operands may lie in caches.");
        string[] names = [.. samples.Select(s => s.ToString())];
        int width = names.Select(n => n.Length).DefaultIfEmpty(0).Max();
        output.WriteLine($"{"kernel".PadRight(width)}     error        time        rate  of the limit");
        output.WriteLine(new string('─', width + 49));
        for (int i = 0; i < samples.Length; i++) output.WriteLine($"{names[i].PadRight(width)}  {Time(samples[i], limits)}");
        output.WriteLine();
    }

    private string Time(OpSample sample, DeviceLimits limits)
    {
        using TensorScope scope = new();
        double worst = 0;
        if (Check(sample, DType.Float32, gradients: false, ref worst) is { } mistake)
        {
            _wrong++;
            return $"WRONG: {mistake}";
        }

        Tensor[] x = [.. sample.MakeOperands(DType.Float32).Select(t => t.To(gpu))];
        double bytes = x.Sum(t => t.Count * (double)t.DType.Size);
        foreach (Tensor y in sample.ResultsOn(gpu, x))
        {
            bytes += y.Count * (double)y.DType.Size;
            y.Dispose();
        }

        double seconds = AsyncTimer.Fastest(gpu, Budget, () =>
        {
            foreach (Tensor y in sample.ResultsOn(gpu, x)) y.Dispose();
        });
        string rate = sample.Flops > 0 ? $"{sample.Flops / seconds / 1e9,7:0.0} GFLOP/s" : $"{bytes / seconds / 1e9,7:0.0} GB/s   ";
        return $"{worst,8:0.0e0}  {seconds * 1e6,8:0.0} µs  {rate}  {100 * limits.Floor(bytes, sample.Flops) / seconds,6:0} %";
    }
}
