namespace Gradwright.Kernels;

/// <summary>Launches the kernels of <c>pool.cu</c>. Operands may have any memory order; results are row-major.</summary>
internal static class GpuPool
{
    private static readonly KernelTable<(string Entry, DType DType, DType Position, int Group)> _kernels = new(static key
        => GpuSource.Real("pool.cu", key.Entry, key.Group, key.DType, ("POSITION", GpuTypes.Number(key.Position))));

    /// <param name="gpu">Where.</param>
    /// <param name="p">The pooling.</param>
    /// <param name="x">The image.</param>
    /// <param name="y">Receives the largest number of each window.</param>
    /// <param name="positions">Receives where it was; null if nobody needs it.</param>
    /// <param name="position">The type of positions.</param>
    public static void Max(GpuAccelerator gpu, in PoolShape p, Tensor x, Tensor y, Tensor? positions, DType position)
    {
        using Packed image = new(x);
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.Out(positions);
        arguments.In(image.Tensor);
        Add(ref arguments, p, y);
        arguments.Value(positions is null ? 0 : 1);
        Launch(gpu, "pool_max", y, position, ref arguments);
    }

    /// <summary>Of each window the element at its position.</summary>
    public static void Pick(GpuAccelerator gpu, in PoolShape p, Tensor x, Tensor positions, Tensor y)
    {
        using Packed image = new(x), index = new(positions);
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(index.Tensor);
        arguments.In(image.Tensor);
        Add(ref arguments, p, y);
        Launch(gpu, "pool_pick", y, positions.DType, ref arguments);
    }

    /// <summary>The gradient of <see cref="Max"/>.</summary>
    public static void MaxGradient(GpuAccelerator gpu, in PoolShape p, Tensor g, Tensor positions, Tensor dx)
    {
        using Packed gradient = new(g), index = new(positions);
        KernelArguments arguments = new();
        arguments.Out(dx);
        arguments.In(gradient.Tensor);
        arguments.In(index.Tensor);
        Add(ref arguments, p, dx);
        Launch(gpu, "pool_max_gradient", dx, positions.DType, ref arguments);
    }

    public static void Average(GpuAccelerator gpu, in PoolShape p, Tensor x, Tensor y, bool countsPadding) => Average(gpu, "pool_average", p, x, y, countsPadding);

    public static void AverageGradient(GpuAccelerator gpu, in PoolShape p, Tensor g, Tensor dx, bool countsPadding)
        => Average(gpu, "pool_average_gradient", p, g, dx, countsPadding);

    private static void Average(GpuAccelerator gpu, string entry, in PoolShape p, Tensor from, Tensor to, bool countsPadding)
    {
        using Packed packed = new(from);
        KernelArguments arguments = new();
        arguments.Out(to);
        arguments.In(packed.Tensor);
        Add(ref arguments, p, to);
        arguments.Value(countsPadding ? 1 : 0);
        Launch(gpu, entry, to, DType.UInt8, ref arguments);
    }

    private static void Add(ref KernelArguments arguments, in PoolShape p, Tensor result)
    {
        arguments.Value(new GpuWindows(p.Plane));
        arguments.Value(result.Count);
    }

    private static void Launch(GpuAccelerator gpu, string entry, Tensor result, DType position, ref KernelArguments arguments)
    {
        int group = gpu.Tuning.MapGroup;
        gpu.Launch(_kernels[(entry, result.DType, position, group)], LaunchSize.Covering(result.Count, group), ref arguments);
    }
}
