using System.CommandLine;

namespace Gradwright.Examples.KernelList;

/// <summary>For those who build the library: lists the kernels that it uses on CUDA devices, and compiles them ahead of time.</summary>
internal static class KernelsCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string?> ptx = new("--ptx") { Description = "Compile all kernels with clang into this archive of PTX; beside the program it is found by itself.", HelpName = "FILE" };
        Option<bool> stored = new("--stored") { Description = "Do not compress the archive: for one that is packed again as a whole." };
        Command command = new("kernels", "List the kernels that the library uses on CUDA devices, or compile them ahead of time.") { ptx, stored };
        command.Hidden = true;
        command.SetAction(parsed => new KernelsRun(output).Run(parsed.GetValue(ptx), parsed.GetValue(stored)));
        return command;
    }
}
