namespace Gradwright.Bench;

/// <summary>One measurement of a case, between two looks at the machine.</summary>
internal sealed record Round(Samples Samples, double Flops, MachineSpeed Before, MachineSpeed After)
{
    /// <summary>The machine kept its speed: what was measured is the case.</summary>
    public bool IsSteady => After.ChangeSince(Before) <= 0.1;
}

/// <summary>Runs cases, each again (a few times) while others disturb it or the machine changes its speed.</summary>
internal sealed class Comparison(CompareOptions options, Action<string> write)
{
    private double _waited;

    public void Run(BenchCase bench)
    {
        try
        {
            using TensorScope operands = new();
            Workload workload = bench.Prepare();
            write(Measure(bench, workload));
        }
        catch (Exception failure)
        {
            write(ResultLine.OfFailure(bench, options, failure));
        }

        // Parameters and optimizer states have finalizers only.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Accelerator.Default.Pool.Trim();
    }

    private string Measure(BenchCase bench, Workload workload)
    {
        Round? best = null;
        double fastest = double.PositiveInfinity;
        int tries = 0;
        while (true)
        {
            WaitForQuiet();
            MachineSpeed before = Probe();
            Samples samples = Samples.Take(workload.Run, options.Budget, CompareOptions.FewestSamples, CompareOptions.LongestCase);
            Round round = new(samples, workload.Flops, before, Probe());
            fastest = Math.Min(fastest, samples.Min);
            tries++;
            if (best is null || Disturbance(round) < Disturbance(best)) best = round;
            if (Disturbance(best) <= options.Quiet || tries >= options.Tries) return ResultLine.Of(bench, options, best, fastest, tries);
        }
    }

    private MachineSpeed Probe() => options.Probes ? MachineSpeed.Probe() : default;

    private static double Disturbance(Round round) => round.Samples.Other + (round.IsSteady ? 0 : 1);

    private void WaitForQuiet()
    {
        while (_waited < options.Wait)
        {
            CpuClock clock = new();
            Thread.Sleep(250);
            if (clock.Read().Other <= options.Quiet) return;
            _waited += 0.25;
        }
    }
}
