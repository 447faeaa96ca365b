using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Numbers spread evenly over [Low, High): Low + u · (High − Low) with one rounding, which may reach High where that is not exact.</summary>
public sealed record RandomUniform(Shape Shape, double Low, double High, DType DType, ulong Key, ulong Counter) : RandomOp(Shape, DType, Key, Counter)
{
    public override string Name => nameof(RandomUniform);

    protected override void Draw(Tensor y)
    {
        Action action = new() { Op = this, Y = y };
        ByType.Floating(this, DType, ref action);
    }

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(key => GpuSource.Real("uniform.cu", "random_uniform", key.Group, key.Type));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Check.Floating(this, y[0]!);
        using Tensor stream = StepNumbers.Upload(gpu, Key, Counter);
        KernelArguments arguments = new();
        RandomKernels.Begin(ref arguments, y[0]!, stream);
        arguments.Real(Low, DType);
        arguments.Real(High - Low, DType);
        gpu.Launch(_gpu[(DType, gpu.Tuning.MapGroup)], RandomKernels.Size(gpu, Blocks(y[0]!.Count)), ref arguments);
    }

    private unsafe struct Action : IFloatingAction
    {
        public RandomUniform Op;
        public Tensor Y;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            WidthAction<T> action = new() { Op = Op, Y = Y };
            SimdDispatch.Run<T, WidthAction<T>>(ref action);
        }
    }

    private unsafe struct WidthAction<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public RandomUniform Op;
        public Tensor Y;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
            => RandomFill.Run<T, Stretched<T, V, S>>(Op.Key, Op.Counter, (T*)Y.Pointer, Y.Count, new() { Low = Op.Low, Range = Op.High - Op.Low });
    }

    private unsafe struct Stretched<T, V, S> : IDraw<T> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        public double Low, Range;

        [MethodImpl(HotLoop.Options)]
        public readonly void Draw(uint* words, T* y, long first, int n)
        {
            UnitNumbers.Fill(words, y, n);
            V low = S.Constant(Low), range = S.Constant(Range);
            int i = 0;
            for (; i <= n - S.Count; i += S.Count) S.Store(y + i, S.Fma(S.Load(y + i), range, low));
            if (i < n) S.StorePart(y + i, n - i, S.Fma(S.LoadPart(y + i, n - i), range, low));
        }
    }
}
