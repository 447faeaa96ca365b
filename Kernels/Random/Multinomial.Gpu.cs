namespace Gradwright.Kernels;

public sealed partial record Multinomial
{
    private static readonly KernelTable<(string Entry, DType Type, int Group)> _gpu = new(key
        => new(GpuSource.File("multinomial.cu"), key.Entry, key.Group, ("REAL", GpuTypes.Number(key.Type)))
        {
            Functions = key.Type == DType.Float64
                ? Formula.Write("arrival", ["word", "weight"], a => Arrival<double, Symbol, SymbolicSimd<double>>(a[0], a[1]))
                : Formula.Write("arrival", ["word", "weight"], a => Arrival<float, Symbol, SymbolicSimd<float>>(a[0], a[1])),
        });

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed packed = new(x[0]);
        long categories = x[0].Shape[^1], rows = y[0]!.Count / Count;
        using Tensor weights = packed.Tensor.Alias(new Layout([rows, categories], [categories, 1], packed.Tensor.Layout.Offset), Tensor.Ownership.Internal);
        using Tensor stream = StepNumbers.Upload(gpu, Key, Counter);
        if (Replacement) Sum(gpu, weights, stream, x[0].Shape, y[0]!);
        else Arrive(gpu, weights, stream, x[0].Shape, y[0]!);
    }

    private void Sum(GpuAccelerator gpu, Tensor weights, Tensor stream, Shape shape, Tensor y)
    {
        int group = gpu.Tuning.MapGroup;
        DType dtype = weights.DType;
        using Tensor max = new Reduce<Max>([1], false).Execute(weights), units = Tensor.Empty(weights.Shape, DType.Int64, gpu);
        KernelArguments whole = new();
        whole.Out(units);
        whole.In(weights);
        whole.In(max);
        whole.Value(weights.Count);
        whole.Value(shape[^1]);
        gpu.Faults.AddTo(ref whole, (element, _) => BadWeights(shape, element));
        gpu.Launch(_gpu[("multinomial_units", dtype, group)], LaunchSize.Covering(weights.Count, group), ref whole);

        using Tensor sums = new CumulativeSum(1, false).Execute(units);
        KernelArguments draw = new();
        draw.Out(y);
        draw.In(sums);
        draw.In(stream);
        draw.Value(y.Count);
        draw.Value(Count);
        draw.Value(shape[^1]);
        gpu.Launch(_gpu[("multinomial_draw", dtype, group)], LaunchSize.Covering(y.Count, group), ref draw);
    }

    private void Arrive(GpuAccelerator gpu, Tensor weights, Tensor stream, Shape shape, Tensor y)
    {
        int group = gpu.Tuning.MapGroup;
        DType dtype = weights.DType;
        using Tensor times = Tensor.Empty(weights.Shape, dtype, gpu);
        KernelArguments arrive = new();
        arrive.Out(times);
        arrive.In(weights);
        arrive.In(stream);
        arrive.Value(weights.Count);
        gpu.Faults.AddTo(ref arrive, (element, _) => BadWeights(shape, element));
        gpu.Launch(_gpu[("multinomial_arrive", dtype, group)], LaunchSize.Covering(RandomOp.Blocks(weights.Count), group), ref arrive);

        using Tensor first = new ArgSort(1, Count, Descending: false).Execute(times);
        KernelArguments take = new();
        take.Out(y);
        take.In(first);
        take.In(weights);
        take.Value(y.Count);
        take.Value(Count);
        take.Value(shape[^1]);
        gpu.Faults.AddTo(ref take, (element, _) => BadWeights(shape, element));
        gpu.Launch(_gpu[("multinomial_take", dtype, group)], LaunchSize.Covering(y.Count, group), ref take);
    }
}
