using System.Numerics;
using System.Runtime.Intrinsics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

/// <summary>The fused updates in every vector shape, beside the ends of their arrays, and the cuts of the flat list.</summary>
public sealed unsafe class OptimizerKernelTests
{
    [Test]
    public void Every_vector_width_gives_the_same_bits([Values(1, 7, 16, 37, 100)] int n)
    {
        CompareWidths<float, Vector512<float>, Simd512<float>, Vector256<float>, Simd256<float>, Vector128<float>, Simd128<float>>(n);
        CompareWidths<double, Vector512<double>, Simd512<double>, Vector256<double>, Simd256<double>, Vector128<double>, Simd128<double>>(n);
    }

    [Test]
    public void A_step_over_many_small_tensors_reaches_each_once()
    {
        using TensorScope scope = new();
        Random random = new(5);
        ParameterUpdate[] updates = [.. Enumerable.Range(0, 500).Select(_ =>
        {
            int n = random.Next(4) == 0 ? random.Next(2000) : random.Next(3);
            return new ParameterUpdate(Tensor.Full([n], 1), Tensor.Full([n], 2), null, null, 1);
        })];
        OptimizerKernels.Sgd(updates, new(Rate: 0.25));
        foreach (ParameterUpdate update in updates) Assert.That(update.Parameter.ToArray<float>(), Is.All.EqualTo(0.5f));
    }

    [Test]
    public void A_gradient_or_state_that_does_not_fit_is_refused()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([3]), state = Tensor.Zeros([3]);
        Assert.That(Assert.Throws<ShapeException>(() => OptimizerKernels.Sgd([new(x, Tensor.Zeros([4]), null, null, 1)], new(0.1)))!.Message, Does.Contain("[4] Float32 does not fit the parameter [3] Float32"));
        Assert.Throws<ShapeException>(() => OptimizerKernels.Adam([new(x, x, state, Tensor.Zeros([3], DType.Float64), 1)], new(0.1, 0.9, 0.999, 1e-8)));
        Assert.That(Assert.Throws<ArgumentException>(() => OptimizerKernels.Adam([new(x, x, state, null, 1)], new(0.1, 0.9, 0.999, 1e-8)))!.Message, Does.Contain("lacks a state"));
        Assert.Throws<DTypeException>(() => OptimizerKernels.Sgd([new(Tensor.Zeros([3], DType.Int32), x, null, null, 1)], new(0.1)));
        OptimizerKernels.Sgd([new(x, Tensor.Ones([3]), null, null, 1)], new(0.5));      // the failures left nothing behind
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(-0.5f));
    }

    private static void CompareWidths<T, V512, S512, V256, S256, V128, S128>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V512 : struct where S512 : struct, ISimd<T, V512> where V256 : struct where S256 : struct, ISimd<T, V256> where V128 : struct where S128 : struct, ISimd<T, V128>
    {
        Compare(new SgdRule(0.1, 0, false, 0.01));
        Compare(new SgdRule(0.1, 0.9, false, 0.01));
        Compare(new SgdRule(0.1, 0.9, true, 0));
        Compare(new SgdRule(0.1, 0.9, false, 0, Dampening: 0.3));
        Compare(new LookAheadRule(0.1, 0.9, 0.01));
        foreach (bool amsGrad in (bool[])[false, true])
        {
            Compare(new AdamRule(0.1, 0.9, 0.999, 1e-8, 0.01, AmsGrad: amsGrad));
            Compare(new AdamRule(0.1, 0.9, 0.999, 1e-8, 0.01, Decoupled: true, amsGrad));
        }

        Compare(new NAdamRule(0.1, new(0.9, 4e-3), 0.999, 1e-8, 0.01));
        Compare(new AdagradRule(0.1, 1e-10, 0.01, 0.5));
        Compare(new AdadeltaRule(0.1, 0.9, 1e-6, 0.01));
        Compare(new LionRule(0.1, 0.9, 0.99, 0.01));
        Compare(new LarsRule(0.1, 0.9, 0.01));
        Compare(new LambRule(0.9, 0.999, 1e-6, 0.01), movesX: false);
        foreach (bool centred in (bool[])[false, true])
            foreach (double momentum in (double[])[0, 0.9]) Compare(new RmsPropRule(0.1, 0.99, 1e-8, momentum, centred, 0.01));
        Compare(new ScaleRule(0.3));
        Compare(new ClampRule(0.1));
        Compare(new ShrinkRule(0.1));
        Compare(new PenaltyRule(0.1, 0.2));
        Compare(new ApproachRule(0.1));

        void Compare<TRule>(TRule rule, bool movesX = true) where TRule : struct, IUpdateRule<TRule>
        {
            T[][] expected = Run<T, T, SimdScalar<T>, TRule>(rule, n, movesX);
            Assert.That(Run<T, V512, S512, TRule>(rule, n, movesX), Is.EqualTo(expected));
            Assert.That(Run<T, V256, S256, TRule>(rule, n, movesX), Is.EqualTo(expected));
            Assert.That(Run<T, V128, S128, TRule>(rule, n, movesX), Is.EqualTo(expected));
        }
    }

    /// <summary>One update of elements 3 .. 3 + n − 1; the elements around them must stay.</summary>
    private static T[][] Run<T, V, S, TRule>(TRule rule, int n, bool movesX)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TRule : struct, IUpdateRule<TRule>
    {
        const int margin = 3;
        T[][] before = [.. Enumerable.Range(0, 5).Select(k => Enumerable.Range(0, n + 2 * margin).Select(i => T.CreateTruncating(Math.Abs(Math.Sin(i + 5 * k)))).ToArray())];
        T[][] after = [.. before.Select(row => (T[])row.Clone())];
        fixed (T* x = after[0], g = after[1], first = after[2], second = after[3], third = after[4])
        {
            Piece piece = new() { Count = n + margin, Lead = (nint)x, Gradient = (nint)g, First = (nint)first, Second = (nint)second, Third = (nint)third };
            rule.GetNumbers(2, piece.Numbers);
            new UpdateWork<TRule>(rule).Run<T, V, S>(piece, margin, n, 0);
        }

        Assert.That(after[1], Is.EqualTo(before[1]));
        for (int k = 0; k < 5; k++)
        {
            Assert.That(after[k][..margin], Is.EqualTo(before[k][..margin]));
            Assert.That(after[k][(margin + n)..], Is.EqualTo(before[k][(margin + n)..]));
        }

        Assert.That(after[movesX ? 0 : 4][margin], Is.Not.EqualTo(before[movesX ? 0 : 4][margin]));
        return after;
    }
}
