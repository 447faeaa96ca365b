namespace Gradwright.Kernels;

/// <summary>A new last dimension that is 1 at the position the index names and 0 elsewhere. Operand: index (Int64).</summary>
/// <param name="Classes">Length of the new dimension.</param>
/// <param name="DType">Element type of the result.</param>
public sealed record OneHot(long Classes, DType DType) : Op
{
    public override string Name => nameof(OneHot);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Type(this, "index", x[0], DType.Int64);
        if (x[0].Rank == Shape.MaxRank) throw new ShapeException($"{Name}: {x[0].Shape} has {Shape.MaxRank} dimensions already, the most there are.");
        y[0] = new(DType, Shape.Create([.. x[0].Shape.Span, Classes]));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor index = Indices.Checked(this, x[0], Classes, NewDimension());
        if (Packing.ThroughRowMajor(this, y[0]!, index)) return;
        y[0]!.FillInPlace(0);
        using Tensor one = Tensor.Scalar(1, DType, index.Accelerator);
        Action action = new() { Y = y[0]!, Index = index, One = one };
        ByType.Bits(DType, ref action);
    }

    private static readonly KernelTable<(int Size, int Group)> _gpu = new(key => new(GpuSource.File("one_hot.cu"), "one_hot", key.Group, ("T", GpuTypes.Bits(key.Size))));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed index = new(x[0]);
        y[0]!.FillInPlace(0);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(index.Tensor);
        GpuTypes.AddScalar(ref arguments, Tensor.WriteElement(1, DType), DType.Size);
        arguments.Value(x[0].Count);
        Indices.AddChecks(gpu, ref arguments, this, x[0].Shape, Classes, NewDimension);
        gpu.Launch(_gpu[(DType.Size, group)], LaunchSize.Covering(x[0].Count, group), ref arguments);
    }

    private string NewDimension() => $"a new dimension of {Classes} classes";

    private unsafe struct Action : IBitsAction
    {
        public Tensor Y, Index, One;

        public readonly void Run<T>() where T : unmanaged, IEquatable<T>
        {
            T* y = (T*)Y.Pointer;
            T one = *(T*)One.Pointer;
            long* index = (long*)Index.Pointer;
            long n = Index.Count, classes = Y.Shape.Span[^1];
            for (long i = 0; i < n; i++) y[i * classes + index[i]] = one;
        }
    }
}
