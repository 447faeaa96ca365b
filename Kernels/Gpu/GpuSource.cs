namespace Gradwright.Kernels;

/// <summary>The kernel files of this assembly, and the elementary functions that they may call.</summary>
internal static class GpuSource
{
    private static readonly (string Name, Func<DType, string> Write)[] _functions =
    [
        ("real_exp", type => Formula.OfUnary<Exp>("real_exp", type)),
        ("real_log", type => Formula.OfUnary<Log>("real_log", type)),
        ("real_relu", type => Formula.OfUnary<Relu>("real_relu", type)),
    ];

    public static KernelFile File(string name) => new(typeof(GpuSource).Assembly, name);

    /// <summary>A specialisation for one floating-point type: <c>REAL</c> is defined, and elementary functions that the file calls stand in front of it.</summary>
    public static KernelSpec Real(string file, string entry, int groupSize, DType dtype, params ReadOnlySpan<(string Name, string Value)> defines)
    {
        KernelFile source = File(file);
        string text = source.Text;
        return new(source, entry, groupSize, [("REAL", GpuTypes.Number(dtype)), .. defines])
        {
            Functions = string.Concat(_functions.Where(f => text.Contains(f.Name + "(", StringComparison.Ordinal)).Select(f => f.Write(dtype))),
        };
    }
}
