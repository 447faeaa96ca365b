using System.CommandLine;

namespace Gradwright.Examples.Examination;

/// <summary>The command line of <see cref="DoctorRun"/>.</summary>
internal static class DoctorCommand
{
    public static Command Create(TextWriter output)
    {
        Dictionary<string, PlantedFault> faults = Enum.GetValues<PlantedFault>().ToDictionary(NameOf);
        string list = string.Join(", ", faults.Keys);
        Option<PlantedFault> fault = new("--fault")
        {
            Description = $"What to plant: {list} (default {NameOf(PlantedFault.None)}).",
            HelpName = "NAME",
            CustomParser = argument =>
            {
                string text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
                if (faults.TryGetValue(text, out PlantedFault found)) return found;
                argument.AddError($"--fault takes one of {list}, not '{text}'.");
                return PlantedFault.None;
            },
        };
        Option<ulong?> seed = NumberOption.Create("--seed", "Where all random numbers come from (default 1).", 0UL, ulong.MaxValue);
        Command command = new("doctor", "Examine a small network on handwritten digits before it is trained, with a fault planted or without.") { fault, seed };
        command.SetAction(parsed => new DoctorRun(output).Run(parsed.GetValue(fault), parsed.GetValue(seed) ?? 1));
        return command;
    }

    /// <summary>RateTooHigh is rate-too-high.</summary>
    private static string NameOf(PlantedFault fault)
        => string.Concat(fault.ToString().Select((c, i) => char.IsUpper(c) ? $"{(i == 0 ? "" : "-")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
