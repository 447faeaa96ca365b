using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>1 (true) with probability P, else 0.</summary>
public sealed record RandomBernoulli(Shape Shape, double P, DType DType, ulong Key, ulong Counter) : RandomOp(Shape, DType, Key, Counter)
{
    public override string Name => nameof(RandomBernoulli);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (!(P >= 0 && P <= 1)) throw new ArgumentException($"{Name}: the probability is {P}, but lies between 0 and 1.");
        base.Infer(x, y);
    }

    protected override void Draw(Tensor y)
    {
        Action action = new() { Op = this, Y = y };
        ByType.Number(this, DType, ref action);
    }

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(key
        => new(GpuSource.File("bernoulli.cu"), "random_bernoulli", key.Group, ("T", GpuTypes.Number(key.Type))));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Check.Number(this, y[0]!);
        using Tensor stream = StepNumbers.Upload(gpu, Key, Counter);
        KernelArguments arguments = new();
        RandomKernels.Begin(ref arguments, y[0]!, stream);
        arguments.Value(Chance.Threshold(P));
        gpu.Launch(_gpu[(DType, gpu.Tuning.MapGroup)], RandomKernels.Size(gpu, Blocks(y[0]!.Count)), ref arguments);
    }

    private unsafe struct Action : INumberAction
    {
        public RandomBernoulli Op;
        public Tensor Y;

        public readonly void Run<T>() where T : unmanaged, INumber<T>
            => RandomFill.Run(Op.Key, Op.Counter, (T*)Y.Pointer, Y.Count, new Toss<T> { Threshold = Chance.Threshold(Op.P) });
    }

    private unsafe struct Toss<T> : IDraw<T> where T : unmanaged, INumber<T>
    {
        public ulong Threshold;

        [MethodImpl(HotLoop.Options)]
        public readonly void Draw(uint* words, T* y, long first, int n)
        {
            for (int i = 0; i < n; i++) y[i] = T.CreateTruncating(Unsafe.BitCast<bool, byte>(words[i] < Threshold));   // no branch to mispredict
        }
    }
}
