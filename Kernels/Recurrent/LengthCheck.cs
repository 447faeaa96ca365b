namespace Gradwright.Kernels;

/// <summary>Lengths of sequences that lie on a GPU: what is wrong with them is noticed there.</summary>
internal static class LengthCheck
{
    private static readonly KernelTable<int> _kernels = new(static group => new(GpuSource.File("sequence_lengths.cu"), "check_lengths", group));

    /// <summary>Notes a length that is not between 0 and <paramref name="steps"/>.</summary>
    public static void Launch(GpuAccelerator gpu, string op, Tensor lengths, long steps)
    {
        if (lengths.Count == 0) return;
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.In(lengths);
        arguments.Value(lengths.Count);
        arguments.Value(steps);
        gpu.Faults.AddTo(ref arguments, (row, length) => RecurrentShape.NoLength(op, row, length, steps));
        gpu.Launch(_kernels[group], LaunchSize.Covering(lengths.Count, group), ref arguments);
    }
}
