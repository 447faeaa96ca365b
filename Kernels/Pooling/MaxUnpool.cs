using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Puts elements to given places of larger planes, zeros elsewhere: x [N, C, …], index (Int64, of x's shape, counted through in the new plane) → [N, C, sizes]. Where an
/// index occurs twice, the later element stays. Kept: which elements did (Bool, of x's shape).
/// </summary>
/// <param name="Sizes">The new spatial sizes: one to three.</param>
public sealed record MaxUnpool(long[] Sizes) : Op
{
    public override string Name => nameof(MaxUnpool);

    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        SpatialPlan.CheckRank(this, x[0], Sizes.Length);
        Check.Type(this, "index", x[1], DType.Int64);
        Check.SameShape(this, "x", x[0], "the index", x[1]);
        if (Array.Exists(Sizes, size => size < 1) || Packing.Count(Sizes) > int.MaxValue)
            throw new ShapeException($"{Name}: planes of [{Shape.Join(Sizes)}] cannot be made: sizes are at least 1, and a plane has at most {int.MaxValue} elements.");
        y[0] = new(dtype, Shape.Create([x[0].Shape[0], x[0].Shape[1], .. Sizes]));
        y[1] = new(DType.Bool, x[0].Shape);
    }

    private string Target => $"a plane of [{Shape.Join(Sizes)}]";

    private (int Planes, long From, long To) Counts(Tensor x)
    {
        int planes = checked((int)(x.Shape[0] * x.Shape[1]));
        return (planes, planes == 0 ? 0 : x.Count / planes, Packing.Count(Sizes));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        (int planes, long from, long to) = Counts(x[0]);
        using Packed image = new(x[0]);
        using Tensor index = Indices.Checked(this, x[1], to, Target);
        Action action = new() { X = image.Pointer, Index = index.Pointer, Y = y[0]!.Pointer, Stays = y[1]?.Pointer ?? 0, Planes = planes, From = (nint)from, To = (nint)to };
        ByType.Floating(this, x[0].DType, ref action);
    }

    private static readonly KernelTable<(string Entry, DType DType, int Group)> _gpu = new(static key => GpuSource.Real("max_unpool.cu", key.Entry, key.Group, key.DType));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        (int _, long from, long to) = Counts(x[0]);
        int group = gpu.Tuning.MapGroup;
        using Packed image = new(x[0]), index = new(x[1]);
        using Tensor owner = Tensor.Zeros(y[0]!.Shape, DType.Int32, gpu);
        KernelArguments claim = new();
        claim.Out(owner);
        claim.In(index.Tensor);
        claim.Value(from);
        claim.Value(x[0].Count);
        Indices.AddChecks(gpu, ref claim, this, x[1].Shape, to, () => Target);
        gpu.Launch(_gpu[("unpool_claim", x[0].DType, group)], LaunchSize.Covering(x[0].Count, group), ref claim);

        KernelArguments place = new();
        place.Out(y[0]);
        place.In(image.Tensor);
        place.In(owner);
        place.Value(from);
        place.Value(to);
        place.Value(y[0]!.Count);
        gpu.Launch(_gpu[("unpool_place", x[0].DType, group)], LaunchSize.Covering(y[0]!.Count, group), ref place);
        if (y[1] is null) return;

        KernelArguments mark = new();
        mark.Out(y[1]);
        mark.In(index.Tensor);
        mark.In(owner);
        mark.Value(from);
        mark.Value(to);
        mark.Value(x[0].Count);
        gpu.Launch(_gpu[("unpool_mark", x[0].DType, group)], LaunchSize.Covering(x[0].Count, group), ref mark);
    }

    private unsafe struct Action : IFloatingAction
    {
        public nint X, Index, Y, Stays, From, To;
        public int Planes;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            Job<T> job = new() { P = this };
            WindowDispatch.Share(Planes, (double)Planes * (From + To), ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Action P;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int plane)
        {
            T* x = (T*)P.X + plane * P.From, y = (T*)P.Y + plane * P.To;
            long* index = (long*)P.Index + plane * P.From;
            NativeMemory.Clear(y, (nuint)(P.To * sizeof(T)));
            for (nint i = 0; i < P.From; i++) y[index[i]] = x[i];
            if (P.Stays == 0) return;
            // Only the places that somebody claims are read.
            int* owner = (int*)WindowWorkspace.Rent(P.To * sizeof(int));
            byte* stays = (byte*)P.Stays + plane * P.From;
            for (nint i = 0; i < P.From; i++) owner[index[i]] = (int)i;
            for (nint i = 0; i < P.From; i++) stays[i] = owner[index[i]] == i ? (byte)1 : (byte)0;
        }
    }
}
