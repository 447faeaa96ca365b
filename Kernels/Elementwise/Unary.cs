using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A function of one number, written once for every vector shape.</summary>
public interface IUnaryKernel
{
    /// <summary>The op's stable name.</summary>
    static abstract string Name { get; }

    static abstract V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>True when <see cref="ApplyInteger"/> is defined.</summary>
    static virtual bool OnIntegers => false;

    static virtual T ApplyInteger<T>(T x) where T : INumber<T> => x;

    /// <summary>The same for integers as an expression of <c>a</c> in the kernels' dialect.</summary>
    static virtual string IntegerSource => "a";
}

/// <summary>y = f(x), element by element. The output keeps the operand's memory order.</summary>
/// <typeparam name="TKernel">f.</typeparam>
public sealed record Unary<TKernel> : Op, IElementwise where TKernel : struct, IUnaryKernel
{
    /// <summary>The one instance: the op has no attributes.</summary>
    public static Unary<TKernel> Instance { get; } = new();

    public override string Name => TKernel.Name;
    protected internal override bool WritesAnywhere => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (!TKernel.OnIntegers || x[0].DType.IsFloating) Check.Floating(this, x[0]);
        y[0] = new(x[0].DType, x[0].Layout.ForNewBuffer());
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => ((IElementwise)this).Run(new(y[0]!, x[0]), x[0].DType);

    void IElementwise.Run(StridedLoop loop, DType dtype)
    {
        if (dtype == DType.Float32) Start<float>(ref loop);
        else if (dtype == DType.Float64) Start<double>(ref loop);
        else
        {
            IntegerAction action = new() { Loop = loop };
            ByType.Number(this, dtype, ref action);
        }
    }

    private static readonly KernelTable<MapKey> _gpu = new(key =>
    {
        string type = GpuTypes.Number(key.Type);
        MapFormula formula = key.Type.IsFloating
            ? new(type, [type], "formula(a)") { Real = type, Functions = Formula.OfUnary<TKernel>("formula", key.Type) }
            : new(type, [type], TKernel.IntegerSource);
        return formula.For(key);
    });

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MapKernel.Run(gpu, _gpu, x[0].DType, y[0]!, x);

    private static void Start<T>(ref StridedLoop loop) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Action<T> action = new() { Loop = loop };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    private struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public StridedLoop Loop;

        public void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            if (Loop.InnerStride(1) != 1) Run<V, S, StridedLanes, CachedStores>();
            else if (Loop.Streams) Run<V, S, UnitLanes, StreamedStores>();
            else Run<V, S, UnitLanes, CachedStores>();
        }

        private void Run<V, S, L, W>() where V : struct where S : struct, ISimd<T, V> where L : struct, ILanes where W : struct, IStores
        {
            Row<T, V, S, L, W> row = default;
            Loop.Run(ref row);
        }
    }

    private unsafe struct Row<T, V, S, L, W> : IRow
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where L : struct, ILanes where W : struct, IStores
    {
        [MethodImpl(HotLoop.Options)]
        public void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], x = (T*)p[1];
            long sy = loop.InnerStride(0), sx = loop.InnerStride(1), i = W.Head<T, V, S>(y, n);
            if (i > 0) Part(y, sy, x, sx, 0, (int)i);
            for (; i <= n - S.Count; i += S.Count) W.Store<T, V, S>(y, sy, i, TKernel.Apply<T, V, S>(L.Fetch<T, V, S>(x, sx, i, S.Count, default)));
            if (i < n) Part(y, sy, x, sx, i, (int)(n - i));
        }

        [MethodImpl(HotLoop.Options)]
        private static void Part(T* y, long sy, T* x, long sx, long i, int n)
            => Lanes.Store<T, V, S>(y, sy, i, n, TKernel.Apply<T, V, S>(L.Fetch<T, V, S>(x, sx, i, n, default)));
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
            T* y = (T*)p[0], x = (T*)p[1];
            long sy = loop.InnerStride(0), sx = loop.InnerStride(1);
            for (long i = 0; i < n; i++) y[i * sy] = TKernel.ApplyInteger(x[i * sx]);
        }
    }
}
