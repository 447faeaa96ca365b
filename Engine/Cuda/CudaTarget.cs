namespace Gradwright;

/// <summary>What machine code is made for.</summary>
/// <param name="Capability">The compute capability, 80 for 8.0.</param>
/// <param name="IsSpecific">Code that uses what only this very architecture has, and that no later one runs.</param>
internal readonly record struct CudaTarget(int Capability, bool IsSpecific = false)
{
    /// <summary>From this capability on, kernels that are written for an architecture use instructions of their own: <c>sm_90a</c>.</summary>
    public const int FirstSpecific = 90;

    /// <summary>As compilers write it after <c>sm_</c> and <c>compute_</c>: <c>80</c>, <c>90a</c>.</summary>
    public string Suffix => $"{Capability}{(IsSpecific ? "a" : "")}";

    /// <summary>What a kernel is compiled for on a device.</summary>
    /// <exception cref="AcceleratorException">The device cannot run it.</exception>
    public static CudaTarget Of(KernelSpec spec, GpuTraits traits, string accelerator)
    {
        bool specific = spec.Capability >= FirstSpecific;
        if (specific ? spec.Capability != traits.Capability : spec.Capability > traits.Capability)
            throw new AcceleratorException($"{accelerator}: {spec} is written for compute capability {Text(spec.Capability)}{(specific ? " alone" : " or later")}; {traits.Device} has {Text(traits.Capability)}.");
        return new(traits.Capability, specific);
    }

    private static string Text(int capability) => $"{capability / 10}.{capability % 10}";

    public override string ToString() => $"sm_{Suffix}";
}
