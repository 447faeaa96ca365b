using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = a + value · b · c, element by element, broadcast, in one pass over memory; the product is rounded once with the sum where the machine can. Operands: a, b, c.</summary>
/// <param name="Value">A number, which takes the tensors' element type.</param>
public sealed record AddProduct(double Value) : Op, IElementwise
{
    /// <summary>a + b · c.</summary>
    public static AddProduct Plain { get; } = new(1);

    public override string Name => nameof(AddProduct);
    protected internal override bool WritesAnywhere => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.SameType(this, x);
        y[0] = new(dtype, Broadcasting.OutputLayout(Name, x));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => ((IElementwise)this).Run(new(y[0]!, x), x[0].DType);

    void IElementwise.Run(StridedLoop loop, DType dtype)
    {
        if (dtype == DType.Float32) Start<float>(loop);
        else Start<double>(loop);
    }

    private static readonly KernelTable<MapKey> _gpu = new(key =>
    {
        string type = GpuTypes.Number(key.Type);
        string formula = Formula.Write("formula", ["a", "b", "c"], s => key.Type == DType.Float64
            ? SymbolicSimd<double>.MultiplyAdd(s[1], s[2], s[0])
            : SymbolicSimd<float>.MultiplyAdd(s[1], s[2], s[0]));
        return new MapFormula(type, [type, type, type], "formula(a, b, c)") { Real = type, Functions = formula }.For(key);
    });

    // A kernel takes three operands: the number is multiplied in beforehand, which rounds as the processor's loop does.
    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor? scaled = Value == 1 ? null : new BinaryScalar<Multiply>(Value, false).Execute(x[1]);
        MapKernel.Run(gpu, _gpu, x[0].DType, y[0]!, [x[0], scaled ?? x[1], x[2]]);
    }

    private void Start<T>(in StridedLoop loop) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Action<T> action = new() { Loop = loop, Value = T.CreateTruncating(Value) };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    private struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public StridedLoop Loop;
        public T Value;

        public void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            bool neighbours = Loop.InnerStride(1) == 1 && Loop.InnerStride(2) == 1 && Loop.InnerStride(3) == 1;
            if (!neighbours) Run<V, S, AnyLanes, CachedStores>();
            else if (Loop.Streams) Run<V, S, UnitLanes, StreamedStores>();
            else Run<V, S, UnitLanes, CachedStores>();
        }

        private void Run<V, S, L, W>() where V : struct where S : struct, ISimd<T, V> where L : struct, ILanes where W : struct, IStores
        {
            Row<T, V, S, L, W> row = new() { Value = Value };
            Loop.Run(ref row);
        }
    }

    private unsafe struct Row<T, V, S, L, W> : IRow
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where L : struct, ILanes where W : struct, IStores
    {
        public T Value;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], a = (T*)p[1], b = (T*)p[2], c = (T*)p[3];
            long sy = loop.InnerStride(0), sa = loop.InnerStride(1), sb = loop.InnerStride(2), sc = loop.InnerStride(3), i = W.Head<T, V, S>(y, n);
            V value = S.Broadcast(Value), a0 = S.Broadcast(*a), b0 = S.Broadcast(*b), c0 = S.Broadcast(*c);
            if (i > 0) Part(loop, p, 0, (int)i);
            for (; i <= n - S.Count; i += S.Count)
            {
                V va = L.Fetch<T, V, S>(a, sa, i, S.Count, a0), vb = L.Fetch<T, V, S>(b, sb, i, S.Count, b0), vc = L.Fetch<T, V, S>(c, sc, i, S.Count, c0);
                W.Store<T, V, S>(y, sy, i, S.MultiplyAdd(S.Multiply(vb, value), vc, va));
            }

            if (i < n) Part(loop, p, i, (int)(n - i));
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Part(in StridedLoop loop, byte** p, long i, int n)
        {
            V va = Operand(loop, p, 1, i, n), vb = Operand(loop, p, 2, i, n), vc = Operand(loop, p, 3, i, n);
            Lanes.Store<T, V, S>((T*)p[0], loop.InnerStride(0), i, n, S.MultiplyAdd(S.Multiply(vb, S.Broadcast(Value)), vc, va));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Operand(in StridedLoop loop, byte** p, int k, long i, int n)
            => L.Fetch<T, V, S>((T*)p[k], loop.InnerStride(k), i, n, S.Broadcast(*(T*)p[k]));
    }
}
