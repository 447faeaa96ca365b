using System.Diagnostics;
using Gradwright.Checking;

namespace Gradwright.Examples.GradientCheck;

/// <summary>Checks the derivatives of every op on all of its samples and prints a table.</summary>
internal sealed class GradientCheckRun(TextWriter output)
{
    private const int Failed = 1;

    /// <param name="filter">Part of an op's name.</param>
    /// <returns>The exit code: 1 when a derivative is wrong.</returns>
    public int Run(string filter)
    {
        IGrouping<string, OpSample>[] ops =
        [
            .. OpSamples.All.Where(sample => sample.IsDifferentiable && sample.Op.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
                .GroupBy(sample => sample.Op.Name).OrderBy(group => group.Key, StringComparer.Ordinal),
        ];
        if (ops.Length == 0) throw new ArgumentException($"No differentiable op has a name with '{filter}'. Without --filter all are checked.");
        long start = Stopwatch.GetTimestamp();
        int width = ops.Max(op => op.Key.Length), wrong = 0, checks = 0;
        output.WriteLine("Relative error |a−n| / max(|a|, |n|) between analytic and numeric derivatives, in Float64: the worst element of all samples; 0 where rounding explains the difference.");
        output.WriteLine();
        output.WriteLine($"{"op".PadRight(width)}  samples  first order  second order  verdict");
        output.WriteLine(new string('─', width + 52));
        foreach (IGrouping<string, OpSample> op in ops)
        {
            GradCheckReport[] first = [.. op.Select(sample => sample.CheckGradient())];
            GradCheckReport[] second = [.. op.Where(sample => sample.TwiceDifferentiable).Select(sample => sample.CheckSecondDerivative())];
            GradCheckReport[] all = [.. first, .. second];
            bool passed = all.All(report => report.Passed);
            output.WriteLine($"{op.Key.PadRight(width)}  {op.Count(),7}  {Worst(first),11}  {Worst(second),12}  {(passed ? "" : "FAILED: ")}{Reading(all)}");
            checks += all.Length;
            if (!passed) wrong++;
        }

        output.WriteLine();
        output.WriteLine($"{ops.Length} ops, {checks} checks in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s: {(wrong == 0 ? "all derivatives are right." : $"{wrong} ops have wrong derivatives.")}");
        return wrong == 0 ? 0 : Failed;
    }

    private static string Worst(GradCheckReport[] reports)
        => reports.Length == 0 ? "–" : reports.Max(report => report.Worst.MaxRelativeError) is > 0 and var error ? error.ToString("0.0e0") : "0";

    private static string Reading(GradCheckReport[] reports) => reports.Max(report => report.Verdict) switch
    {
        GradCheckVerdict.Good => "good",
        GradCheckVerdict.Acceptable => "acceptable",
        GradCheckVerdict.Kink => "good up to kinks",
        GradCheckVerdict.Suspicious => "suspicious",
        _ => "wrong",
    };
}
