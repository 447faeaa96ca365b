using System.CommandLine;

namespace Gradwright.Examples.KernelList;

/// <summary>For those who build the library: lists the kernels that it uses on CUDA devices, and compiles them ahead of time.</summary>
internal static class KernelsCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string?> ptx = new("--ptx") { Description = "Compile all kernels with clang into this archive of PTX; beside the program it is found by itself.", HelpName = "FILE" };
        Command command = new("kernels", "List the kernels that the library uses on CUDA devices, or compile them ahead of time.") { ptx };
        command.Hidden = true;
        command.SetAction(parsed => new KernelsRun(output).Run(parsed.GetValue(ptx)));
        return command;
    }
}
