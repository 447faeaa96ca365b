using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddElementwise()
    {
        Pair<Add>((a, b) => a + b);
        Pair<Subtract>((a, b) => a - b);
        Pair<Multiply>((a, b) => a * b);
        Single<Negate>(x => -x);
        Single<Relu>(x => Math.Max(x, 0));
        Pair<ReluGradient>((g, y) => y > 0 ? g : 0);
        Single(new BinaryScalar<Add>(0.75, false), x => x + 0.75);
        Single(new BinaryScalar<Subtract>(0.75, true), x => 0.75 - x);
        Single(new BinaryScalar<Multiply>(-1.5, false), x => x * -1.5);
        Single(new Copy(), x => x);
    }

    /// <summary>A function of one number on [low, high].</summary>
    private static void Single<TKernel>(Func<double, double> reference, double low = -2, double high = 2) where TKernel : struct, IUnaryKernel
        => Single(Unary<TKernel>.Instance, reference, low, high);

    private static void Single(Op op, Func<double, double> reference, double low = -2, double high = 2)
        => Sample(new OpSample(op, [new([3, 37], low, high)]) { Reference = x => reference(x[0]) });

    /// <summary>A function of two numbers, of one shape and broadcast.</summary>
    private static void Pair<TKernel>(Func<double, double, double> reference, double low = -2, double high = 2) where TKernel : struct, IBinaryKernel
    {
        Sample(new OpSample(Binary<TKernel>.Instance, [new([5, 19], low, high), new([5, 19], low, high)]) { Reference = x => reference(x[0], x[1]) });
        Sample(new OpSample(Binary<TKernel>.Instance, [new([2, 1, 17], low, high), new([3, 1], low, high)], "broadcast") { Reference = x => reference(x[0], x[1]) });
    }
}
