namespace Gradwright.Kernels;

/// <summary>Launches the kernels of <see cref="ElementLoss{TLoss}"/> and its gradient.</summary>
internal static class LossKernel<TLoss> where TLoss : struct, ILossKernel
{
    private const int ElementsPerItem = 8;      // at least so many losses are added up by a work item, before the groups' sums are

    private static readonly KernelTable<(string Entry, DType Type, DType Accumulate, int Group)> _kernels = new(key => new(GpuSource.File("element_loss.cu"), key.Entry, key.Group,
        ("REAL", GpuTypes.Number(key.Type)), ("ACCUMULATE", GpuTypes.Number(key.Accumulate)))
    {
        Functions = key.Type == DType.Float64 ? Formulas<double>() : Formulas<float>(),
    });

    /// <summary>Operands as in <see cref="ElementLoss{TLoss}"/>.</summary>
    public static void Forward(ElementLoss<TLoss> loss, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, Tensor y)
    {
        using Packed predictions = new(x[0]), targets = new(x[1]), weights = new(x[^1]);
        bool perElement = loss.Reduction == Reduction.None;
        DType dtype = x[0].DType, accumulate = gpu.Traits.HasDouble ? DType.Float64 : dtype;
        long n = x[0].Count, busy = gpu.Tuning.BusyGroups;
        int group = perElement ? gpu.Tuning.MapGroup : gpu.Tuning.RowGroup;
        LaunchSize size = perElement ? LaunchSize.Covering(n, group) : new(Math.Clamp(n / (ElementsPerItem * group), 1, 4 * busy));
        using Tensor? partials = perElement ? null : Tensor.Empty([size.X], accumulate, gpu);
        KernelArguments arguments = new();
        arguments.Out(perElement ? y : partials);
        arguments.In(predictions.Tensor);
        arguments.In(targets.Tensor);
        arguments.In(x.Length > 2 ? weights.Tensor : null);
        arguments.Value(n);
        arguments.Real(loss.Parameter, dtype);
        arguments.Value(x.Length > 2 ? 1 : 0);
        gpu.Launch(_kernels[(perElement ? "element_loss" : "element_loss_sum", dtype, accumulate, group)], size, ref arguments);
        if (!perElement) LossTotal.Add(gpu, partials!, loss.Divisor(n), y);
    }

    /// <summary>Operands as in <see cref="ElementLossGradient{TLoss}"/>.</summary>
    public static void Backward(ElementLoss<TLoss> loss, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, Tensor y)
    {
        using Packed g = new(x[0]), predictions = new(x[1]), targets = new(x[2]), weights = new(x[^1]);
        DType dtype = x[1].DType;
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(g.Tensor);
        arguments.In(predictions.Tensor);
        arguments.In(targets.Tensor);
        arguments.In(x.Length > 3 ? weights.Tensor : null);
        arguments.Value(y.Count);
        arguments.Real(loss.Parameter, dtype);
        arguments.Real(1 / loss.Divisor(y.Count), dtype);
        arguments.Value(loss.Reduction == Reduction.None ? 1 : 0);
        arguments.Value(x.Length > 3 ? 1 : 0);
        gpu.Launch(_kernels[("element_loss_gradient", dtype, dtype, group)], LaunchSize.Covering(y.Count, group), ref arguments);
    }

    private static string Formulas<T>() where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
        => Formula.Write("loss_value", ["x", "t", "c"], a => TLoss.Value<T, Symbol, SymbolicSimd<T>>(a[0], a[1], a[2]))
            + Formula.Write("loss_slope", ["x", "t", "c"], a => TLoss.Slope<T, Symbol, SymbolicSimd<T>>(a[0], a[1], a[2]));
}

/// <summary>The last step of a sum of losses on a GPU.</summary>
internal static class LossTotal
{
    private static readonly KernelTable<(DType Type, DType Accumulate, int Group)> _kernels = new(key => new(GpuSource.File("loss_total.cu"), "loss_total", key.Group,
        ("REAL", GpuTypes.Number(key.Type)), ("ACCUMULATE", GpuTypes.Number(key.Accumulate))));

    /// <summary>y = the sum of the partial sums, divided.</summary>
    public static void Add(GpuAccelerator gpu, Tensor partials, double divisor, Tensor y)
    {
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(partials);
        arguments.Value(partials.Count);
        arguments.Real(divisor, partials.DType);
        gpu.Launch(_kernels[(y.DType, partials.DType, gpu.Tuning.RowGroup)], new(1), ref arguments);
    }
}
