using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Compiled functions run elementwise ops in one pass, and give the bits of the ops one after the other.</summary>
[InTensorScope]
public sealed class ElementwiseChainTests
{
    private const string Chain = nameof(ElementwiseChain);

    private static Tensor Normal(Shape shape, ulong seed = 1) => Tensor.Normal(shape, new Generator(seed), 0, 2);

    /// <summary>Repeats a compiled function on several inputs, and compares bits with the function's.</summary>
    private static void AssertSame(Func<Tensor, Tensor> f, Func<ulong, Tensor> input, params string[] ops)
    {
        using Tape.Pause pause = Tape.NoRecord();
        using CapturedStep compiled = Capture.Compile(f);
        for (ulong i = 0; i < 4; i++)
        {
            Tensor x = input(i);
            Assert.That(Bits(compiled.Run(x)), Is.EqualTo(Bits(f(x))), $"run {i} of {x.Shape}");
        }

        Assert.That(compiled.Graph!.Nodes.Where(node => !node.IsView).Select(node => node.Op.Name), Is.EqualTo(ops));
    }

    private static long[] Bits(Tensor x) => Array.ConvertAll(HostValues.Of(x), BitConverter.DoubleToInt64Bits);

    [TestCase(1), TestCase(7), TestCase(4095), TestCase(4097), TestCase(33_000), TestCase(70_001)]
    public void Five_ops_of_any_size_are_one(int n)
    {
        Tensor a = Normal([n], 7), b = Normal([n], 8);
        AssertSame(x => (((x * a + b) * 0.5).Tanh() - b).Relu(), seed => Normal([n], seed), Chain);
    }

    [Test]
    public void Doubles_are_fused_like_floats()
        => AssertSame(x => (1 - x.Exp()).Sigmoid() * x, seed => Tensor.Normal([5, 1001], new Generator(seed), dtype: DType.Float64), Chain);

    [Test]
    public void A_bias_and_a_factor_per_channel_are_broadcast()
    {
        Tensor bias = Normal([600], 2), factor = Normal([3, 1], 3);
        AssertSame(x => (x + bias).Gelu() * 2, seed => Normal([37, 600], seed), Chain);
        AssertSame(x => (x * factor).Silu() + factor, seed => Normal([2, 3, 700], seed), Chain);
    }

    [Test]
    public void Short_rows_are_left_alone()
    {
        Tensor bias = Normal([6], 2);
        AssertSame(x => (x + bias).Exp(), seed => Normal([300, 6], seed), "Add", "Exp");
    }

    [Test]
    public void A_result_that_two_steps_read_stays_inside()
        => AssertSame(
            x =>
            {
                Tensor inner = x + 1, gate = inner.Sigmoid();
                return inner * gate - gate;
            },
            seed => Normal([9, 999], seed), Chain);

    [Test]
    public void What_others_read_is_not_swallowed()
        => AssertSame(
            x =>
            {
                Tensor e = (x * 2).Exp();
                return (e / e.Sum(1, keepDimensions: true)).Log().Square();
            },
            seed => Normal([4, 600], seed), Chain, "Sum", Chain);

    [Test]
    public void What_is_written_in_between_is_read_before()
    {
        Tensor state = Tensor.Zeros([2000]);
        AssertSame(
            x =>
            {
                state.FillInPlace(3);
                Tensor y = x * state;
                state.FillInPlace(5);
                return y + 1;
            },
            seed => Normal([2000], seed), "Multiply", "AddScalar");
    }

    [Test]
    public void A_chain_takes_three_operands_and_the_next_one_goes_on()
    {
        Tensor[] p = [.. Enumerable.Range(2, 5).Select(seed => Normal([1500], (ulong)seed))];
        AssertSame(x => ((((x + p[0]) * p[1] - p[2]) / p[3]).Tanh() + p[4]).Relu(), seed => Normal([1500], seed), Chain, Chain, Chain);
    }

    [Test]
    public void NaN_and_infinity_pass_as_they_do_one_by_one()
        => AssertSame(x => (x.Relu() * 0 + 1).Sqrt(), _ => Tensor.From([float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 1]), Chain);

    [Test]
    public void A_chain_writes_over_its_operand_and_into_strided_memory()
    {
        ElementwiseChain chain = new(new ChainStep(Unary<Exp>.Instance, 0), new ChainStep(Binary<Multiply>.Instance, ~0, 1), new ChainStep(Binary<Subtract>.Instance, ~1, 0));
        Tensor x = Normal([7, 1003]), a = Normal([7, 1003], 2), expected = x.Exp() * a - x, wide = Tensor.Zeros([1003, 7]);
        chain.ExecuteInto(wide.Transpose(), x, a);
        Assert.That(Bits(wide.Transpose()), Is.EqualTo(Bits(expected)));
        chain.ExecuteInto(x, x, a);
        Assert.That(Bits(x), Is.EqualTo(Bits(expected)));
    }

    [Test]
    public void A_large_result_is_streamed_with_the_same_bits()
    {
        long from = StreamingStores.From;
        try
        {
            StreamingStores.From = 1 << 18;
            AssertSame(x => (x * 3).Tanh() + x, seed => Normal([100_003], seed), Chain);
        }
        finally
        {
            StreamingStores.From = from;
        }
    }

    [Test]
    public void A_step_that_reads_a_later_one_or_whole_rows_is_refused()
    {
        Assert.That(() => new ElementwiseChain(new ChainStep(Unary<Exp>.Instance, ~0)), Throws.ArgumentException.With.Message.Contains("the result of step 0, which does not come before it"));
        Assert.That(() => new ElementwiseChain(new ChainStep(MatMul.Instance, 0, 1)), Throws.ArgumentException.With.Message.Contains("MatMul, is no function of single elements"));
    }
}
