using System.Diagnostics;
using System.Text;

namespace Gradwright;

/// <summary>Clang and libclc, which make PTX without anything of NVIDIA's: for building the archive, for checks without a GPU, and as a last resort.</summary>
internal sealed class ClangPtx : CudaCompiler
{
    /// <summary>Stands in PTX that calls what it does not hold.</summary>
    public const string Unresolved = ".extern .func";

    private static readonly string[] _names = ["clang-19", "clang-20", "clang-21", "clang"];

    private static readonly string[] _libraries = ["/usr/lib/clc/nvptx64--nvidiacl.bc", "/usr/share/clc/nvptx64--nvidiacl.bc", "/usr/lib64/clc/nvptx64--nvidiacl.bc"];

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private static readonly Lazy<string?> _clang = new(() => Found(_names.SelectMany(name => Folders().Select(folder => Path.Combine(folder, name)))));
    private static readonly Lazy<string?> _library = new(() => Found(_libraries));
    private static readonly Lazy<string> _version = new(() => Run(["--version"], "").Output.Split('\n')[0]);

    public override string Name => "clang";

    public override string? Missing => _clang.Value is null || _library.Value is null ? "Clang with libclc (Debian and Ubuntu: clang-19 and libclc-19)." : null;

    public override string Identity(CudaTarget target) => $"{_version.Value} {string.Join(' ', [.. Library, .. Arguments(target)])}";

    public override CudaCode Compile(string source, CudaTarget target)
    {
        // Linking the library takes as long as all the rest, and few kernels need it.
        (int exit, string output, string log) = Run(Arguments(target), source);
        if (exit == 0 && output.Contains(Unresolved, StringComparison.Ordinal)) (exit, output, log) = Run([.. Library, .. Arguments(target)], source);
        if (exit != 0) return new(null, log.Length > 0 ? log : $"clang ended with {exit}.");
        return new(Encoding.ASCII.GetBytes(output + '\0'), log);
    }

    // The lowest version of PTX that has the architecture: older drivers take it.
    private static string PtxVersion(CudaTarget target) => target switch
    {
        { IsSpecific: true } => "80",
        { Capability: >= 90 } => "78",
        _ => "70",
    };

    private static string[] Arguments(CudaTarget target) =>
    [
        "-x", "cuda", "--cuda-device-only", $"--cuda-gpu-arch=sm_{target.Suffix}", $"--cuda-feature=+ptx{PtxVersion(target)}", "-nocudainc", "-nocudalib", "-O3", "-S",
        "-ffp-contract=off", "-o", "-", "-",
    ];

    private static string[] Library => ["-Wno-linker-warnings", "-Xclang", "-mlink-builtin-bitcode", "-Xclang", _library.Value!];

    private static (int Exit, string Output, string Log) Run(string[] arguments, string input)
    {
        using Process clang = new() { StartInfo = new(_clang.Value!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true } };
        clang.Start();
        Task<string> output = clang.StandardOutput.ReadToEndAsync(), log = clang.StandardError.ReadToEndAsync();
        try
        {
            clang.StandardInput.Write(input);
            clang.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything; its words say why.
        }

        if (!clang.WaitForExit(_limit))
        {
            clang.Kill(entireProcessTree: true);
            return (-1, "", $"no end after {_limit.TotalMinutes} minutes.");
        }

        return (clang.ExitCode, output.GetAwaiter().GetResult(), log.GetAwaiter().GetResult().TrimEnd('\n'));
    }

    private static string[] Folders() => [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), "/usr/bin"];

    private static string? Found(IEnumerable<string> files) => files.FirstOrDefault(File.Exists);
}
