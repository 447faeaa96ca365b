using Gradwright.Examples;

namespace Gradwright.Tests.Examples;

/// <summary>The example program, run in this process.</summary>
internal static class Program
{
    public static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int threads = WorkerPool.Shared.Threads;
        try
        {
            return (ExampleProgram.Run(arguments, output, error), output.ToString(), error.ToString());
        }
        finally
        {
            WorkerPool.SetThreads(threads);
        }
    }
}
