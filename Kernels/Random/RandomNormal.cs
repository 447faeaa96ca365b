using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Normally distributed numbers, by Box and Muller's method: words 0 and 1 of a block make elements 0 and 1, words 2 and 3 the other two.
/// The largest magnitude is 5.8 (float) or 6.7 (double) standard deviations.
/// </summary>
public sealed record RandomNormal(Shape Shape, double Mean, double StandardDeviation, DType DType, ulong Key, ulong Counter) : RandomOp(Shape, DType, Key, Counter)
{
    public override string Name => nameof(RandomNormal);

    protected override void Draw(Tensor y)
    {
        Action action = new() { Op = this, Y = y };
        ByType.Floating(this, DType, ref action);
    }

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(key => new(GpuSource.File("normal.cu"), "random_normal", key.Group, ("REAL", GpuTypes.Number(key.Type)))
    {
        Functions = key.Type == DType.Float64 ? PairFormula<double>() : PairFormula<float>(),
    });

    private static string PairFormula<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => Formula.WriteMany("normal_pair", "RealPair", ["u1", "u2"], ["first", "second"], u => [VectorMath.Normal2<T, Symbol, SymbolicSimd<T>>(u[0], u[1], out Symbol second), second]);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Check.Floating(this, y[0]!);
        using Tensor stream = StepNumbers.Upload(gpu, Key, Counter);
        KernelArguments arguments = new();
        RandomKernels.Begin(ref arguments, y[0]!, stream);
        arguments.Real(Mean, DType);
        arguments.Real(StandardDeviation, DType);
        gpu.Launch(_gpu[(DType, gpu.Tuning.MapGroup)], RandomKernels.Size(gpu, Blocks(y[0]!.Count)), ref arguments);
    }

    private struct Action : IFloatingAction
    {
        public RandomNormal Op;
        public Tensor Y;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            WidthAction<T> action = new() { Op = Op, Y = Y };
            SimdDispatch.Run<T, WidthAction<T>>(ref action);
        }
    }

    private unsafe struct WidthAction<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public RandomNormal Op;
        public Tensor Y;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
            => RandomFill.Run<T, BoxMuller<T, V, S>>(Op.Key, Op.Counter, (T*)Y.Pointer, Y.Count, new() { Mean = Op.Mean, Deviation = Op.StandardDeviation });
    }

    private unsafe struct BoxMuller<T, V, S> : IDraw<T> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        public double Mean, Deviation;

        [MethodImpl(HotLoop.Options)]
        public readonly void Draw(uint* words, T* y, long first, int n)
        {
            // Even words make radii, odd words angles: taken apart, so that a vector holds one kind.
            const int Half = RandomFill.Chunk / 2;
            uint* radii = stackalloc uint[RandomFill.Chunk], angles = radii + Half;
            T* u1 = stackalloc T[RandomFill.Chunk], u2 = u1 + Half;
            int pairs = (n + 1) / 2, rounded = Math.Min(Half, (pairs + S.Count - 1) / S.Count * S.Count);
            for (int i = 0; i < pairs; i++) (radii[i], angles[i]) = (words[2 * i], words[2 * i + 1]);
            for (int i = pairs; i < rounded; i++) (radii[i], angles[i]) = (0, 0);
            UnitNumbers.Fill(radii, u1, rounded);
            UnitNumbers.Fill(angles, u2, rounded);
            V mean = S.Constant(Mean), deviation = S.Constant(Deviation), step = S.Constant(UnitNumbers.Step<T>());
            for (int i = 0; i < rounded; i += S.Count)
            {
                V z0 = VectorMath.Normal2<T, V, S>(S.Add(S.Load(u1 + i), step), S.Load(u2 + i), out V z1);
                S.Store(u1 + i, S.Fma(z0, deviation, mean));
                S.Store(u2 + i, S.Fma(z1, deviation, mean));
            }

            for (int i = 0; i < n / 2; i++) (y[2 * i], y[2 * i + 1]) = (u1[i], u2[i]);
            if (n % 2 == 1) y[n - 1] = u1[n / 2];
        }
    }
}
