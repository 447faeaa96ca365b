namespace Gradwright.Kernels;

/// <summary>Launches the kernels of <see cref="Attention"/> and <see cref="AttentionGradient"/>.</summary>
internal static class AttentionKernel
{
    private static readonly KernelTable<Specialisation> _kernels = new(static key => GpuSource.Real(
        key.Entry == "attention" ? "attention.cu" : "attention_gradient.cu", key.Entry, key.Tiles.Group, key.Type,
        ("TILE_M", $"{key.Tiles.M}"), ("TILE_N", $"{key.Tiles.N}"), ("TILE_K", $"{key.Tiles.K}"), ("ITEM_M", $"{key.Tiles.ItemM}"), ("ITEM_N", $"{key.Tiles.ItemN}"),
        ("RUN", $"{key.Run}"), ("UNROLLED", key.Unrolled ? "1" : "0"), ("SLICES", $"{key.Slices}"), ("DROPOUT", key.Drops ? "1" : "0")));

    private readonly record struct Specialisation(string Entry, DType Type, GemmTiles Tiles, int Run, bool Unrolled, int Slices, bool Drops);

    /// <summary>Operands and outputs as in <see cref="Attention"/>.</summary>
    public static void Forward(Attention op, GpuAccelerator gpu, in AttentionProblem problem, in AttentionOperand q, in AttentionOperand k, in AttentionOperand v,
        in AttentionOperand mask, in AttentionOperand bias, Tensor y, Tensor? logSums)
    {
        DType type = y.DType;
        using Tensor? stream = op.Dropped > 0 ? StepNumbers.Upload(gpu, op.Key, op.Counter) : null;
        Specialisation kernel = Choose(op, gpu, "attention", type, problem.Width);
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.Out(logSums);
        AddOperands(ref arguments, op, problem, q, k, v, mask, bias);
        arguments.Real(op.Scale, type);
        arguments.Value(logSums is null ? 0L : 1L);
        AddDraws(ref arguments, op, stream, type);
        gpu.Launch(_kernels[kernel], Groups(kernel, problem.Batch, problem.Queries, Math.Max(1, problem.Width)), ref arguments);
    }

    /// <summary>Operands and outputs as in <see cref="AttentionGradient"/>, and Σ g y of each query.</summary>
    public static void Backward(Attention op, GpuAccelerator gpu, in AttentionProblem problem, in AttentionOperand g, Tensor logSums, Tensor dots, in AttentionOperand q,
        in AttentionOperand k, in AttentionOperand v, in AttentionOperand mask, in AttentionOperand bias, ReadOnlySpan<Tensor?> y)
    {
        DType type = logSums.DType;
        using Tensor? stream = op.Dropped > 0 ? StepNumbers.Upload(gpu, op.Key, op.Counter) : null;
        Specialisation queries = Choose(op, gpu, "attention_queries", type, problem.Depth), keys = Choose(op, gpu, "attention_keys", type, Math.Max(problem.Depth, problem.Width));
        foreach (Specialisation kernel in (ReadOnlySpan<Specialisation>)[queries, keys])
        {
            bool isOfQueries = kernel.Entry == queries.Entry;
            KernelArguments arguments = new();
            arguments.Out(isOfQueries ? y[0] : y[1]);
            if (!isOfQueries) arguments.Out(y[2]);
            arguments.In(g.Tensor);
            arguments.In(logSums);
            arguments.In(dots);
            AddOperands(ref arguments, op, problem, q, k, v, mask, bias);
            arguments.Real(op.Scale, type);
            AddDraws(ref arguments, op, stream, type);
            long rows = isOfQueries ? problem.Queries : problem.Keys, columns = isOfQueries ? problem.Depth : Math.Max(problem.Depth, problem.Width);
            gpu.Launch(_kernels[kernel], Groups(kernel, problem.Batch, rows, columns), ref arguments);
        }
    }

    private static Specialisation Choose(Attention op, GpuAccelerator gpu, string entry, DType type, long columns)
    {
        GemmTiles tiles = type == DType.Float64 ? gpu.Tuning.AttentionDouble : gpu.Tuning.Attention;
        int run = gpu.Tuning.GemmRun == 0 ? Math.Max(tiles.ItemM, tiles.ItemN) : gpu.Tuning.GemmRun / type.Size;
        return new(entry, type, tiles, run, gpu.Tuning.GemmUnrolled, columns > tiles.N ? 2 : 1, op.Dropped > 0);
    }

    private static LaunchSize Groups(Specialisation kernel, long batch, long rows, long columns)
    {
        int width = kernel.Slices * kernel.Tiles.N;
        return new(batch * ((rows + kernel.Tiles.M - 1) / kernel.Tiles.M) * ((columns + width - 1) / width));
    }

    private static void AddOperands(ref KernelArguments arguments, Attention op, in AttentionProblem problem, in AttentionOperand q, in AttentionOperand k, in AttentionOperand v,
        in AttentionOperand mask, in AttentionOperand bias)
    {
        arguments.In(q.Tensor);
        arguments.In(k.Tensor);
        arguments.In(v.Tensor);
        arguments.In(mask.Tensor);
        arguments.In(bias.Tensor);
        arguments.Value(problem);
    }

    private static void AddDraws(ref KernelArguments arguments, Attention op, Tensor? stream, DType type)
    {
        arguments.In(stream);
        arguments.Value(Chance.Threshold(1 - op.Dropped));
        arguments.Real(1 / (1 - op.Dropped), type);
    }
}
