using System.Diagnostics;
using Microsoft.Testing.Platform.Builder;

namespace Gradwright.Tests;

/// <summary>
/// The program. With arguments it is the test platform's. Without, the tests of devices run in a process of their own beside the others: most of their time goes into OpenCL's
/// compiler, which keeps one core busy.
/// </summary>
internal static class TestProgram
{
    /// <summary>The category of tests that compile kernels for a device and are not in the namespace of those.</summary>
    public const string Devices = "Devices";

    private const string OnDevices = $"FullyQualifiedName~Gradwright.Tests.Gpu.|TestCategory={Devices}", Others = $"FullyQualifiedName!~Gradwright.Tests.Gpu.&TestCategory!={Devices}";

    private static readonly string _assembly = typeof(TestProgram).Assembly.Location;

    /// <summary>What selects some tests on the command line.</summary>
    public static string[] Select(string filter) => ["--filter", filter, "--settings", Path.Combine(AppContext.BaseDirectory, "Tests.runsettings")];

    /// <summary>This program again.</summary>
    public static ProcessStartInfo Again(params string[] arguments)
    {
        string program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [_assembly] : [];
        return new(program, [.. host, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
    }

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments.Length > 0) return await RunAsync(arguments);
        using Process devices = Process.Start(Again(Select(OnDevices)))!;
        Task<string> output = devices.StandardOutput.ReadToEndAsync(), errors = devices.StandardError.ReadToEndAsync();
        int code = await RunAsync(Select(Others));
        Console.WriteLine("\nTests of devices, in a process of their own:");
        Console.Write(await output);
        Console.Error.Write(await errors);
        await devices.WaitForExitAsync();
        return code != 0 ? code : devices.ExitCode;
    }

    private static async Task<int> RunAsync(string[] arguments)
    {
        ITestApplicationBuilder builder = await TestApplication.CreateBuilderAsync(arguments);
        builder.AddSelfRegisteredExtensions(arguments);
        using ITestApplication application = await builder.BuildAsync();
        return await application.RunAsync();
    }
}
