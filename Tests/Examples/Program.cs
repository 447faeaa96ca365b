using Gradwright.Examples;

namespace Gradwright.Tests.Examples;

/// <summary>The example program, run in this process.</summary>
internal static class Program
{
    public static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        using Threads.Usage usage = Threads.Use(WorkerPool.Shared.Threads);     // a command may ask for another number
        return (ExampleProgram.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
