using System.Diagnostics;
using System.Globalization;

namespace Gradwright.Bench;

/// <summary>The engine and its peers as processes: PyTorch as installed ("stock") and set up as well as we know ("tuned"), ONNX Runtime.</summary>
internal sealed class Contenders(DirectoryInfo peers, string python, double budget)
{
    private const string Torch = "torch_bench.py", OnnxRuntime = "ort_bench.cjs";

    private readonly string[] _torchCases = TorchCases(peers, python);

    /// <summary>Where the peers keep what they need: their scripts read the same variable.</summary>
    private string Work => Environment.GetEnvironmentVariable("PEERS_WORK") ?? Path.Combine(peers.FullName, "work");

    public IEnumerable<Contender> All(int threads, InstructionSet instructions)
        => instructions == InstructionSet.Avx2 ? [Engine(threads, instructions), Avx2Peer(threads)]
            : [Engine(threads, instructions), Peer("tuned", threads), Peer("stock", threads), .. Onnx(threads)];

    public Contender Engine(int threads, InstructionSet instructions) => new("gradwright", threads, Path.Combine(AppContext.BaseDirectory, "Gradwright.Bench"),
        ["compare", "--threads", $"{threads}", "--no-probe", .. Measured], [.. BenchCases.All().Select(bench => bench.Name)])
    {
        Environment = instructions == InstructionSet.Avx2 ? new() { ["DOTNET_EnableAVX512"] = "0" } : new Dictionary<string, string>(),
    };

    /// <summary>The engine in one of its ways to run a case, eager or captured.</summary>
    public Contender EngineAs(string profile, int threads, InstructionSet instructions)
    {
        Contender engine = Engine(threads, instructions);
        return engine with { Profile = profile, Arguments = [.. engine.Arguments, "--profile", profile], Cases = [.. BenchCases.All().Where(bench => bench.Profile == profile).Select(bench => bench.Name)] };
    }

    public Contender Peer(string profile, int threads)
        => new(profile, threads, python, [Torch, "--threads", $"{threads}", "--profile", profile, "--max-wall", "3", .. Measured], _torchCases) { Folder = peers.FullName };

    private string[] Measured => ["--tries", "1", "--wait", "0", "--budget", budget.ToString(CultureInfo.InvariantCulture)];

    /// <summary>The tuned set-up with every library held to AVX2. The script sets its own environment unless <c>_TB</c> says that it is set.</summary>
    private Contender Avx2Peer(int threads) => Peer("tuned", threads) with
    {
        Environment = new Dictionary<string, string>
        {
            ["_TB"] = "1", ["OMP_NUM_THREADS"] = $"{threads}", ["OPENBLAS_CORETYPE"] = "Haswell", ["ATEN_CPU_CAPABILITY"] = "avx2", ["ONEDNN_MAX_CPU_ISA"] = "AVX2", ["DNNL_MAX_CPU_ISA"] = "AVX2",
            ["MALLOC_MMAP_MAX_"] = "0", ["MALLOC_TRIM_THRESHOLD_"] = "17179869184", ["MALLOC_TOP_PAD_"] = "67108864", ["MALLOC_ARENA_MAX"] = "1",
            ["LD_LIBRARY_PATH"] = Path.Combine(Work, "omp/usr/lib/x86_64-linux-gnu/openblas-openmp"),
        },
    };

    private IEnumerable<Contender> Onnx(int threads)
    {
        if (!File.Exists(Path.Combine(peers.FullName, OnnxRuntime)) || !Directory.Exists(Path.Combine(Work, "ort"))) yield break;
        string[] cases = ["infer_resnet18_b1", "infer_mobilenet_v2_b1", "gemm_f32_512", "gemm_f32_1024", "gemm_f32_2048"];
        yield return new("ort", threads, "node", [OnnxRuntime, $"{threads}"], cases) { Folder = peers.FullName, Chooses = false };
    }

    private static string[] TorchCases(DirectoryInfo peers, string python)
    {
        if (!File.Exists(Path.Combine(peers.FullName, Torch))) throw new FileNotFoundException($"There is no {Torch} in {peers}: --peers takes the folder with the peers' scripts.");
        ProcessStartInfo start = new(python, [Torch, "--list"]) { WorkingDirectory = peers.FullName, RedirectStandardOutput = true };
        using Process list = Process.Start(start)!;
        string[] lines = list.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        list.WaitForExit();
        if (list.ExitCode != 0) throw new InvalidOperationException($"{python} {Torch} --list failed ({list.ExitCode}): is PyTorch installed for it?");
        return [.. lines.Select(line => line.Split(' ')[1])];
    }
}
