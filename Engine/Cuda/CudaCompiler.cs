namespace Gradwright;

/// <summary>Code for the driver, CUBIN or PTX, or the compiler's words on why there is none.</summary>
/// <param name="Image">What <c>cuModuleLoadDataEx</c> takes; null if there is none.</param>
/// <param name="Log">What the compiler said.</param>
internal readonly record struct CudaCode(byte[]? Image, string Log);

/// <summary>Something that turns the dialect into code for a GPU. None of them needs a device.</summary>
internal abstract class CudaCompiler
{
    /// <summary>Chooses one by its <see cref="Name"/>, for tests and for those who look for an error.</summary>
    public const string EnvironmentVariable = "GRADWRIGHT_CUDA_COMPILER";

    /// <summary>All of them, the best first.</summary>
    public static IReadOnlyList<CudaCompiler> All { get; } = [new NvrtcCompiler(), new PtxArchive(), new ClangPtx()];

    /// <summary>One word.</summary>
    public abstract string Name { get; }

    /// <summary>Why it cannot be used, and what to install; null if it can.</summary>
    public abstract string? Missing { get; }

    /// <summary>Everything but the source that the code depends on; null if the code need not be kept, because it lies on the disk already.</summary>
    public abstract string? Identity(CudaTarget target);

    /// <summary>Makes, or finds, the code.</summary>
    public abstract CudaCode Compile(string source, CudaTarget target);

    /// <summary>The compilers to try, in order.</summary>
    public static IEnumerable<CudaCompiler> Chosen()
    {
        string? name = Environment.GetEnvironmentVariable(EnvironmentVariable);
        if (name is not { Length: > 0 }) return All;
        CudaCompiler[] chosen = [.. All.Where(compiler => string.Equals(compiler.Name, name, StringComparison.OrdinalIgnoreCase))];
        return chosen.Length > 0 ? chosen
            : throw new AcceleratorException($"There is no compiler '{name}' for CUDA. {EnvironmentVariable} may be {string.Join(", ", All.Select(compiler => compiler.Name))}, or unset.");
    }
}
