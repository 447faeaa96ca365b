using System.CommandLine;

namespace Gradwright.Examples.CriticalPoints;

/// <summary>The command line of <see cref="CriticalPointsRun"/>.</summary>
internal static class CriticalPointsCommand
{
    private const double UsualDistance = 0.1;

    public static Command Create(TextWriter output)
    {
        Option<double?> distance = NumberOption.Create("--distance", $"How far to step away from a saddle (default {UsualDistance}).", 1e-9, 1e3);
        Command command = new("critical-points", "Tell minima, maxima and saddles by the Hessian's eigenvalues, and leave the saddles.") { distance };
        command.SetAction(parsed => new CriticalPointsRun(output).Run(parsed.GetValue(distance) ?? UsualDistance));
        return command;
    }
}
