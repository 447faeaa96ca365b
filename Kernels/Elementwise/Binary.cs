using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A function of two numbers, written once for every vector shape.</summary>
public interface IBinaryKernel
{
    /// <summary>The op's stable name.</summary>
    static abstract string Name { get; }

    static abstract V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>True when <see cref="ApplyInteger"/> is defined.</summary>
    static virtual bool OnIntegers => false;

    static virtual T ApplyInteger<T>(T a, T b) where T : INumber<T> => a;

    /// <summary>The same for integers as an expression of <c>a</c> and <c>b</c> in the kernels' dialect.</summary>
    static virtual string IntegerSource => "a";
}

/// <summary>y = f(a, b), element by element, with broadcasting.</summary>
/// <typeparam name="TKernel">f.</typeparam>
public sealed record Binary<TKernel> : Op, IElementwise where TKernel : struct, IBinaryKernel
{
    /// <summary>The one instance: the op has no attributes.</summary>
    public static Binary<TKernel> Instance { get; } = new();

    public override string Name => TKernel.Name;
    protected internal override bool WritesAnywhere => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.SameType(this, x);
        if (!TKernel.OnIntegers || dtype.IsFloating) Check.Floating(this, x[0]);
        y[0] = new(dtype, Broadcasting.OutputLayout(Name, x));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => BinaryLoop<TKernel>.Run(this, new(y[0]!, x), x[0].DType);

    void IElementwise.Run(StridedLoop loop, DType dtype) => BinaryLoop<TKernel>.Run(this, loop, dtype);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MapKernel.Run(gpu, BinaryKernels<TKernel>.Table, x[0].DType, y[0]!, x);
}

/// <summary>y = f(x, c) or f(c, x) for a C# number c, which takes the tensor's element type.</summary>
/// <typeparam name="TKernel">f.</typeparam>
/// <param name="Value">c.</param>
/// <param name="ScalarFirst">f(c, x) instead of f(x, c).</param>
public sealed record BinaryScalar<TKernel>(double Value, bool ScalarFirst) : Op, IElementwise where TKernel : struct, IBinaryKernel
{
    public override string Name => TKernel.Name + "Scalar";
    protected internal override bool WritesAnywhere => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = x[0].DType;
        if (!TKernel.OnIntegers || dtype.IsFloating) Check.Floating(this, x[0]);
        Scalar.CheckFits(this, Value, x[0]);
        y[0] = new(dtype, x[0].Layout.ForNewBuffer());
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => ((IElementwise)this).Run(new(y[0]!, x[0]), x[0].DType);

    unsafe void IElementwise.Run(StridedLoop loop, DType dtype)
    {
        long scalar = Scalar.BitsOf(Value, dtype);
        loop.InsertScalar(ScalarFirst ? 1 : 2, &scalar);
        BinaryLoop<TKernel>.Run(this, loop, dtype);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MapKernel.Run(gpu, BinaryKernels<TKernel>.Table, x[0].DType, y[0]!, x, ScalarFirst ? 1 : 2, Scalar.BitsOf(Value, x[0].DType), x[0].DType.Size);
}

/// <summary>The GPU's specialisations of both.</summary>
internal static class BinaryKernels<TKernel> where TKernel : struct, IBinaryKernel
{
    public static readonly KernelTable<MapKey> Table = new(key =>
    {
        string type = GpuTypes.Number(key.Type);
        MapFormula formula = key.Type.IsFloating
            ? new(type, [type, type], "formula(a, b)") { Real = type, Functions = Formula.OfBinary<TKernel>("formula", key.Type) }
            : new(type, [type, type], TKernel.IntegerSource);
        return formula.For(key);
    });
}

/// <summary>The loop behind <see cref="Binary{TKernel}"/>, specialised by how each operand is fetched.</summary>
internal static class BinaryLoop<TKernel> where TKernel : struct, IBinaryKernel
{
    public static void Run(Op op, in StridedLoop loop, DType dtype)
    {
        if (dtype == DType.Float32) Start<float>(loop);
        else if (dtype == DType.Float64) Start<double>(loop);
        else
        {
            IntegerAction action = new() { Loop = loop };
            ByType.Number(op, dtype, ref action);
        }
    }

    private static void Start<T>(in StridedLoop loop) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Action<T> action = new() { Loop = loop };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    private struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public StridedLoop Loop;

        public void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            switch (Loop.InnerStride(1), Loop.InnerStride(2))
            {
                case (1, 1): Run<V, S, UnitLanes, UnitLanes>(); break;
                case (1, 0): Run<V, S, UnitLanes, RepeatedLane>(); break;
                case (0, 1): Run<V, S, RepeatedLane, UnitLanes>(); break;
                default: Run<V, S, StridedLanes, StridedLanes, CachedStores>(); break;
            }
        }

        private void Run<V, S, LA, LB>() where V : struct where S : struct, ISimd<T, V> where LA : struct, ILanes where LB : struct, ILanes
        {
            if (Loop.Streams) Run<V, S, LA, LB, StreamedStores>();
            else Run<V, S, LA, LB, CachedStores>();
        }

        private void Run<V, S, LA, LB, W>() where V : struct where S : struct, ISimd<T, V> where LA : struct, ILanes where LB : struct, ILanes where W : struct, IStores
        {
            Row<T, V, S, LA, LB, W> row = default;
            Loop.Run(ref row);
        }
    }

    private unsafe struct Row<T, V, S, LA, LB, W> : IRow
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        where LA : struct, ILanes where LB : struct, ILanes where W : struct, IStores
    {
        [MethodImpl(HotLoop.Options)]
        public void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], a = (T*)p[1], b = (T*)p[2];
            long sy = loop.InnerStride(0), sa = loop.InnerStride(1), sb = loop.InnerStride(2), i = W.Head<T, V, S>(y, n);
            V a0 = S.Broadcast(*a), b0 = S.Broadcast(*b);
            if (i > 0) Part(loop, y, a, b, 0, (int)i);
            for (; i <= n - S.Count; i += S.Count)
            {
                V va = LA.Fetch<T, V, S>(a, sa, i, S.Count, a0), vb = LB.Fetch<T, V, S>(b, sb, i, S.Count, b0);
                W.Store<T, V, S>(y, sy, i, TKernel.Apply<T, V, S>(va, vb));
            }

            if (i < n) Part(loop, y, a, b, i, (int)(n - i));
        }

        [MethodImpl(HotLoop.Options)]
        private static void Part(in StridedLoop loop, T* y, T* a, T* b, long i, int n)
        {
            V va = LA.Fetch<T, V, S>(a, loop.InnerStride(1), i, n, S.Broadcast(*a)), vb = LB.Fetch<T, V, S>(b, loop.InnerStride(2), i, n, S.Broadcast(*b));
            Lanes.Store<T, V, S>(y, loop.InnerStride(0), i, n, TKernel.Apply<T, V, S>(va, vb));
        }
    }

    private struct IntegerAction : INumberAction
    {
        public StridedLoop Loop;

        public void Run<T>() where T : unmanaged, INumber<T>
        {
            IntegerRow<T> row = default;
            Loop.Run(ref row);
        }
    }

    private unsafe struct IntegerRow<T> : IRow where T : unmanaged, INumber<T>
    {
        [MethodImpl(HotLoop.Options)]
        public void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], a = (T*)p[1], b = (T*)p[2];
            long sy = loop.InnerStride(0), sa = loop.InnerStride(1), sb = loop.InnerStride(2);
            for (long i = 0; i < n; i++) y[i * sy] = TKernel.ApplyInteger(a[i * sa], b[i * sb]);
        }
    }
}
