namespace Gradwright.Bench;

/// <summary>Rounds in which contenders take turns at each case, with the machine probed before and after every turn.</summary>
internal sealed class Rounds(IReadOnlyList<Contender> contenders, InstructionSet instructions, Action<Measurement> write, TextWriter progress)
{
    /// <summary>One round over the cases.</summary>
    /// <returns>The cases in which a turn was disturbed.</returns>
    public HashSet<string> Run(IReadOnlyCollection<string> cases)
    {
        HashSet<string> chosen = [.. cases], disturbed = [];
        List<ContenderProcess> processes = [];
        try
        {
            foreach (Contender contender in contenders.Where(contender => contender.Cases.Any(chosen.Contains))) processes.Add(new(contender, chosen));
            foreach (string name in cases)
            {
                foreach (ContenderProcess process in processes)
                {
                    if (!Turn(process, name)) disturbed.Add(name);
                }
            }
        }
        finally
        {
            foreach (ContenderProcess process in processes) process.Dispose();
        }

        return disturbed;
    }

    /// <returns>Whether it was steady.</returns>
    private bool Turn(ContenderProcess process, string name)
    {
        WorkerPool.SetThreads(process.Contender.Threads);       // the probes' too
        MachineSpeed before = MachineSpeed.Probe();
        string[] lines = [.. process.Run(name)];
        MachineSpeed after = MachineSpeed.Probe();
        bool steady = true;
        foreach (string line in lines)
        {
            Measurement measured = Measurement.Of(line, instructions, before, after);
            write(measured);
            steady &= measured.Error is not null || measured.IsSteady;
            progress.WriteLine(measured.Error is null
                ? $"{measured.Name} {measured.Profile} {measured.Threads}: {1e3 * measured.Fastest:G4} ms{(measured.IsSteady ? "" : " (disturbed)")}"
                : $"{measured.Name} {measured.Profile} {measured.Threads}: {measured.Error}");
        }

        return steady;
    }
}
