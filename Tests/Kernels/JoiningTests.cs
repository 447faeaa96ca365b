using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

/// <summary>Joining, cutting, padding, repeating, conversion and creation.</summary>
public sealed class JoiningTests
{
    private static void AssertIs(Tensor actual, Shape shape, params float[] values)
    {
        Assert.That(actual.Shape, Is.EqualTo(shape));
        Assert.That(actual.ToArray<float>(), Is.EqualTo(values));
    }

    [Test]
    public void Concat_and_stack_join_along_old_and_new_dimensions()
    {
        using TensorScope scope = new();
        Tensor a = Tensor.From([1f, 2, 3, 4], [2, 2]), b = Tensor.From([5f, 6], [2, 1]);
        AssertIs(Tensor.Concat([a, b, a], 1), [2, 5], 1, 2, 5, 1, 2, 3, 4, 6, 3, 4);
        AssertIs(Tensor.Concat([a.Transpose(), Tensor.Zeros([0, 2])]), [2, 2], 1, 3, 2, 4);
        AssertIs(Tensor.Stack([b[.., 0], b[.., 0] * 2]), [2, 2], 5, 6, 10, 12);
        AssertIs(Tensor.Stack([b[.., 0], b[.., 0] * 2], -1), [2, 2], 5, 10, 6, 12);
        Assert.That(() => Tensor.Concat([a, b]), Throws.TypeOf<ShapeException>().With.Message.Contains("operand 1 [2, 1]"));
        Assert.That(() => Tensor.Stack([a, b]), Throws.TypeOf<ShapeException>().With.Message.Contains("Concat"));
        Assert.That(() => Tensor.Concat([a, b.Cast(DType.Float64)], 1), Throws.TypeOf<DTypeException>());
        Assert.That(() => Tensor.Concat([]), Throws.ArgumentException);
    }

    [TestCase(1)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(100)]
    public void Parts_are_views_that_join_to_the_whole(int parts)
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Arange(0, 2 * 131).Reshape(2, 131);
        Tensor[] chunks = x.Chunk(parts, -1);
        Assert.That(chunks, Has.Length.EqualTo(parts));
        Assert.That(chunks.Select(c => c.Buffer), Has.All.SameAs(x.Buffer));
        Assert.That(Tensor.Concat(chunks, 1).ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
        Assert.That(Tensor.Stack(x.Unbind(1), 1).ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
        Assert.That(x.Unbind(1)[77].ToArray<float>(), Is.EqualTo([77f, 208]));
    }

    [Test]
    public void Gradients_of_joining_and_cutting_agree_with_finite_differences()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Normal([2, 19], new Generator(5), dtype: DType.Float64);
        GradCheck.Assert(t => t[0].Unbind(1)[17] * t[0].Unbind(1)[2], [x]);
        GradCheck.Assert(t => Tensor.Stack([t[0], t[0] * t[0]], 1), [x]);
        GradCheck.Assert(t => t[0].Pad([(1, 0), (3, 2)], mode: PadMode.Reflect), [x]);
        GradCheck.Assert(t => t[0].Tile(2, 1, 3) * 2, [x]);
        GradCheck.Assert(t => t[0].RepeatEach(3, 0).Roll(5, 1).Flip(0, 1), [x]);
    }

    [Test]
    public void Split_names_lengths_that_do_not_add_up()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 5]);
        Assert.That(() => x.Split(1, 2, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 2]").And.Message.Contains("[2, 5]"));
        Assert.That(() => x.Split(1, 6, -1), Throws.TypeOf<ShapeException>());
        Assert.That(x.Split(1, 2, 0, 3).Select(p => p.Shape[1]), Is.EqualTo([2L, 0, 3]));
    }

    [Test]
    public void Borders_are_constant_mirrored_or_repeated()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From([1f, 2, 3, 4, 5, 6], [2, 3]);
        AssertIs(x.Pad([(1, 2)], -1), [2, 6], -1, 1, 2, 3, -1, -1, -1, 4, 5, 6, -1, -1);
        AssertIs(x.Pad([(0, 1), (1, 0)]), [3, 4], 0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0);
        AssertIs(x.Pad([(2, 1)], mode: PadMode.Reflect), [2, 6], 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5);
        AssertIs(x.Pad([(1, 0), (0, 2)], mode: PadMode.Replicate), [3, 5], 1, 2, 3, 3, 3, 1, 2, 3, 3, 3, 4, 5, 6, 6, 6);
        Tensor corner = Tensor.From([1f, 2, 3, 4], [2, 1, 2, 1, 1]);
        AssertIs(corner.Pad([(1, 0), (0, 0), (0, 1), (0, 0), (0, 1)], mode: PadMode.Replicate), [3, 1, 3, 1, 2], 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4);
        Assert.That(Tensor.Zeros([0, 3, 2]).Pad([(0, 0), (1, 1), (0, 0)], mode: PadMode.Reflect).Shape, Is.EqualTo(new Shape([0, 5, 2])));
        AssertIs(Tensor.From([1L, 2, 3], [3]).Pad([(2, 2)], mode: PadMode.Reflect).Cast(DType.Float32), [7], 3, 2, 1, 2, 3, 2, 1);
        Assert.That(() => x.Pad([(3, 0)], mode: PadMode.Reflect), Throws.TypeOf<ShapeException>().With.Message.Contains("at most 2"));
        Assert.That(() => x.Pad([(-1, 0)]), Throws.TypeOf<ShapeException>().With.Message.Contains("Slice"));
        Assert.That(() => x.Pad([(0, 0), (0, 0), (0, 0)]), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Tiles_repeats_rolls_and_flips()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From([1f, 2, 3, 4], [2, 2]);
        AssertIs(x.Tile(2, 3), [4, 6], 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4);
        AssertIs(x.Tile(2, 1, 1), [2, 2, 2], 1, 2, 3, 4, 1, 2, 3, 4);
        AssertIs(x.RepeatEach(2, 1), [2, 4], 1, 1, 2, 2, 3, 3, 4, 4);
        AssertIs(x.RepeatEach(2, 0), [4, 2], 1, 2, 1, 2, 3, 4, 3, 4);
        AssertIs(Tensor.Arange(0, 5).Roll(2, 0), [5], 3, 4, 0, 1, 2);
        AssertIs(Tensor.Arange(0, 5).Roll(-6, 0), [5], 1, 2, 3, 4, 0);
        AssertIs(x.Flip(0, 1), [2, 2], 4, 3, 2, 1);
        AssertIs(Tensor.Zeros([0, 2]).Flip(0), [0, 2]);
    }

    [Test]
    public void Triangles_keep_one_side_of_a_diagonal([Values(-9, -1, 0, 1, 2, 9)] int diagonal, [Values] bool upper)
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Arange(1, 41).Reshape(2, 4, 5), y = upper ? x.UpperTriangle(diagonal) : x.LowerTriangle(diagonal);
        float[] expected = x.ToArray<float>();
        for (int i = 0; i < expected.Length; i++)
        {
            int row = i / 5 % 4, column = i % 5;
            if (upper ? column < row + diagonal : column > row + diagonal) expected[i] = 0;
        }

        Assert.That(y.ToArray<float>(), Is.EqualTo(expected));
    }

    [Test]
    public void Every_type_casts_to_every_type()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From(0f, 1, 5, 100);
        foreach (DType from in DTypes.All)
            foreach (DType to in DTypes.All)
            {
                bool flag = from == DType.Bool || to == DType.Bool;
                Tensor y = x.Cast(from).Cast(to);
                Assert.That(y.DType, Is.EqualTo(to));
                Assert.That(y.Cast(DType.Float64).ToArray<double>(), Is.EqualTo(new[] { 0, 1, flag ? 1 : 5.0, flag ? 1 : 100 }), $"{from} to {to}");
            }
    }

    [Test]
    public void Floats_are_cut_towards_zero_and_limited_to_the_range_of_an_integer()
    {
        using TensorScope scope = new();
        float[] values = [2.9f, -2.9f, 300, -300, 1e20f, float.NegativeInfinity, float.NaN, 0.5f, -0f];
        foreach (int length in new[] { 9, 9 * 40 })                 // with and without room for vectors
        {
            Tensor x = Tensor.From([.. Enumerable.Range(0, length).Select(i => values[i % 9])], [length]);
            Assert.That(x.Cast(DType.Int32).ToArray<int>()[^9..], Is.EqualTo([2, -2, 300, -300, int.MaxValue, int.MinValue, 0, 0, 0]));
            Assert.That(x.Cast(DType.Int64).ToArray<long>()[^9..], Is.EqualTo([2L, -2, 300, -300, long.MaxValue, long.MinValue, 0, 0, 0]));
            Assert.That(x.Cast(DType.UInt8).ToArray<byte>()[^9..], Is.EqualTo([2, 0, 255, 0, 255, 0, 0, 0, 0]));
            Assert.That(x.Cast(DType.Int8).ToArray<sbyte>()[^9..], Is.EqualTo([2, -2, 127, -128, 127, -128, 0, 0, 0]));
            Assert.That(x.Cast(DType.Bool).ToArray<bool>()[^9..], Is.EqualTo([true, true, true, true, true, true, true, true, false]));
        }

        Assert.That(Tensor.From(1L << 40, -1).Cast(DType.Int32).ToArray<int>(), Is.EqualTo([int.MaxValue, -1]));
    }

    [Test]
    public void Floating_point_types_round_to_nearest_even()
    {
        using TensorScope scope = new();
        double tie = 1 + Math.Pow(2, -24);
        Assert.That(Tensor.From(tie, Math.BitIncrement(tie), 1e300, double.NaN).Cast(DType.Float32).ToArray<float>(),
            Is.EqualTo([1f, MathF.BitIncrement(1), float.PositiveInfinity, float.NaN]));
        Assert.That(Tensor.From(1.1f, 65520f, 1e-8f, -0f).Cast(DType.Float16).ToArray<Half>(), Is.EqualTo([(Half)1.1f, Half.PositiveInfinity, (Half)0, (Half)(-0f)]));
        float[] odd = [.. Enumerable.Range(0, 1000).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 4295000)), float.NaN, float.NegativeInfinity, -1.00390625f];
        Assert.That(Tensor.From(odd).Cast(DType.BFloat16).ToArray<BFloat16>(), Is.EqualTo(odd.Select(v => (BFloat16)v)), "a row of vectors rounds as one number does");
        Assert.That(Tensor.From(1.1f, float.NaN).Cast(DType.BFloat16).Cast(DType.Float32).ToArray<float>(), Is.EqualTo([1.1015625f, float.NaN]));
    }

    [Test]
    public void Gradients_pass_a_cast_between_floating_point_types_only()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From(1f, 2);
        using Tape tape = new();
        tape.Watch(x);
        Tensor y = (x.Cast(DType.Float64) * 3).SumTo([]);
        Tensor g = tape.Gradients(y, [x])[0];
        Assert.That(g.ToArray<float>(), Is.EqualTo([3f, 3]));
        Assert.That(x.Cast(DType.Int64).TapeNode, Is.Null);
    }

    [Test]
    public void Sequences_end_where_they_should()
    {
        using TensorScope scope = new();
        AssertIs(Tensor.Arange(1, 2, 0.25), [4], 1, 1.25f, 1.5f, 1.75f);
        AssertIs(Tensor.Arange(3, 0, -2), [2], 3, 1);
        AssertIs(Tensor.Arange(3, 0), [0]);
        Assert.That(Tensor.Arange(3).ToArray<long>(), Is.EqualTo([0L, 1, 2]));
        Tensor line = Tensor.Linspace(0, 0.7, 8, DType.Float64);
        Assert.That(line.ToArray<double>()[^1], Is.EqualTo(0.7));
        Assert.That(line.ToArray<double>()[3], Is.EqualTo(0.3).Within(1e-15));
        AssertIs(Tensor.Linspace(2, 9, 1), [1], 2);
        AssertIs(Tensor.Eye(2, 3), [2, 3], 1, 0, 0, 0, 1, 0);
        Assert.That(Tensor.Eye(3, dtype: DType.Int64).ToArray<long>(), Is.EqualTo([1L, 0, 0, 0, 1, 0, 0, 0, 1]));
        Assert.That(Tensor.Arange(0, 3, 1, DType.BFloat16).Cast(DType.Float32).ToArray<float>(), Is.EqualTo([0f, 1, 2]));
        Assert.That(() => Tensor.Arange(0, 1, 0), Throws.ArgumentException);
        Assert.That(() => Tensor.Arange(0, 1, 0.5, DType.Int64), Throws.TypeOf<DTypeException>());
    }
}
