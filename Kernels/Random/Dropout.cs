using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// y = x / (1 − P) where element i of the stream says so (with probability 1 − P), else 0, so that the expected value stays x
/// (Srivastava et al. 2014). The mask is not kept: the backward pass draws it again, so that
/// dropout holds no memory between the passes. A second operand of x's shape is added in the same pass, with the bits of a sum that follows: a residual connection.
/// </summary>
/// <param name="P">Probability of a zero, 0 to 1.</param>
/// <param name="Key">The stream.</param>
/// <param name="Counter">Its first block; element i (row-major) is decided by word i mod 4 of block Counter + i/4.</param>
public sealed record Dropout(double P, ulong Key, ulong Counter) : Op, IStreamOp
{
    /// <inheritdoc/>
    public ulong Counter { get; internal set; } = Counter;

    ulong IStreamOp.Counter
    {
        get => Counter;
        set => Counter = value;
    }

    public override string Name => nameof(Dropout);

    /// <summary>Whether what is left is divided by 1 − P; otherwise it stays as it is, and the expected value shrinks.</summary>
    public bool Scaled { get; init; } = true;

    private double Scale => P >= 1 ? 0 : Scaled ? 1 / (1 - P) : 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (!(P >= 0 && P <= 1)) throw new ArgumentException($"{Name}: the probability of a zero is {P}, but lies between 0 and 1.");
        y[0] = new(Check.Floating(this, x[0]), x[0].Shape);
        if (x.Length == 1) return;
        Check.SameType(this, x);
        Check.SameShape(this, "x", x[0], "what is added", x[1]);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed packed = new(x[0]), addend = new(x[^1], x.Length == 1 || x[1].Layout.IsContiguous);
        if (Packing.ThroughRowMajor(this, y[0]!, x)) return;
        Action action = new() { Op = this, X = packed.Tensor, Addend = x.Length > 1 ? addend.Tensor : null, Y = y[0]! };
        ByType.Floating(this, x[0].DType, ref action);
    }

    private static readonly KernelTable<(DType Type, bool IsAligned, bool Adds, int Group)> _gpu = new(key
        => GpuSource.Real("dropout.cu", "dropout", key.Group, key.Type, ("ALIGNED", key.IsAligned ? "1" : "0"), ("ADDS", key.Adds ? "1" : "0")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed packed = new(x[0]), addend = new(x[^1], x.Length == 1 || x[1].Layout.IsContiguous);
        DType dtype = x[0].DType;
        bool adds = x.Length > 1;
        bool aligned = gpu.Tuning.MapVectors && packed.Tensor.Layout.Offset % 4 == 0 && addend.Tensor.Layout.Offset % 4 == 0 && y[0]!.Layout.Offset % 4 == 0;
        using Tensor stream = StepNumbers.Upload(gpu, Key, Counter);
        KernelArguments arguments = new();
        RandomKernels.Begin(ref arguments, y[0]!, stream, packed.Tensor);
        arguments.Value(Chance.Threshold(1 - P));
        arguments.Real(Scale, dtype);
        if (adds) arguments.In(addend.Tensor);
        gpu.Launch(_gpu[(dtype, aligned, adds, gpu.Tuning.MapGroup)], RandomKernels.Size(gpu, RandomOp.Blocks(y[0]!.Count)), ref arguments);
    }

    private unsafe struct Action : IFloatingAction
    {
        public Dropout Op;
        public Tensor X, Y;
        public Tensor? Addend;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            Masked<T> draw = new() { X = (T*)X.Pointer, Addend = (T*)(Addend?.Pointer ?? 0), Threshold = Chance.Threshold(1 - Op.P), Scale = T.CreateTruncating(Op.Scale) };
            RandomFill.Run(Op.Key, Op.Counter, (T*)Y.Pointer, Y.Count, draw);
        }
    }

    private unsafe struct Masked<T> : IDraw<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* X, Addend;        // Addend: null for none
        public ulong Threshold;
        public T Scale;

        [MethodImpl(HotLoop.Options)]
        public readonly void Draw(uint* words, T* y, long first, int n)
        {
            T* x = X + first, addend = Addend == null ? null : Addend + first;
            int i = 0;
            if (typeof(T) == typeof(float) && Threshold <= uint.MaxValue)
            {
                // NaN and infinity are dropped like any number: the mask selects bits, it does not multiply.
                Vector<uint> threshold = new((uint)Threshold);
                Vector<float> scale = new((float)(object)Scale);
                for (; i <= n - Vector<float>.Count; i += Vector<float>.Count)
                {
                    Vector<uint> keep = Vector.LessThan(Vector.Load(words + i), threshold);
                    Vector<float> kept = Vector.AsVectorSingle(Vector.AsVectorUInt32(Vector.Load((float*)x + i) * scale) & keep);
                    Vector.Store(addend == null ? kept : kept + Vector.Load((float*)addend + i), (float*)y + i);
                }
            }

            for (; i < n; i++)
            {
                T kept = words[i] < Threshold ? x[i] * Scale : T.Zero;
                y[i] = addend == null ? kept : kept + addend[i];
            }
        }
    }
}
