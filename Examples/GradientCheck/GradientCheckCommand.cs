using System.CommandLine;

namespace Gradwright.Examples.GradientCheck;

/// <summary>The command line of <see cref="GradientCheckRun"/>.</summary>
internal static class GradientCheckCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string?> filter = new("--filter") { Description = "Check only ops whose name contains this text.", HelpName = "TEXT" };
        Command command = new("gradcheck", "Compare the derivatives of every op, first and second, with finite differences.") { filter };
        command.SetAction(parsed => new GradientCheckRun(output).Run(parsed.GetValue(filter) ?? ""));
        return command;
    }
}
