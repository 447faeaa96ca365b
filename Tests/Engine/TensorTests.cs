using NUnit.Framework;
using Numerics = System.Numerics.Tensors;

namespace Gradwright.Tests.Engine;

[InTensorScope]
public sealed class TensorTests
{
    [Test]
    public void Every_element_type_is_created_filled_and_read([ValueSource(typeof(DTypes), nameof(DTypes.All))] DType dtype)
    {
        Tensor zeros = Tensor.Zeros([2, 3], dtype), ones = Tensor.Ones([5], dtype), scalar = Tensor.Scalar(1, dtype);
        Assert.That(HostValues.Of(zeros), Is.EqualTo(new double[6]));
        Assert.That(HostValues.Of(ones), Is.EqualTo(new double[] { 1, 1, 1, 1, 1 }));
        Assert.That((scalar.Rank, scalar.ToDouble(), scalar.DType), Is.EqualTo((0, 1.0, dtype)));
        Assert.That(zeros.Buffer.Length, Is.EqualTo(6 * dtype.Size));
        ones.Slice(0, 1, 2, 2).FillInPlace(0);
        Assert.That(HostValues.Of(ones), Is.EqualTo(new double[] { 1, 0, 1, 0, 1 }));
        Assert.That(zeros.ToString(), Does.StartWith($"Tensor [2, 3] {dtype} on cpu"));
    }

    [Test]
    public void Arrays_of_every_element_type_go_in_and_come_out()
    {
        RoundTrip(1.5f, -2, float.NaN);
        RoundTrip(1.5, -2, double.NegativeInfinity);
        RoundTrip((Half)1.5f, (Half)(-2));
        RoundTrip((BFloat16)1.5f, (BFloat16)(-2f));
        RoundTrip(long.MaxValue, long.MinValue);
        RoundTrip(int.MaxValue, int.MinValue, 0);
        RoundTrip<sbyte>(127, -128);
        RoundTrip<byte>(255, 0);
        RoundTrip(true, false);
        Assert.That(() => Tensor.From('a'), Throws.TypeOf<DTypeException>().With.Message.Contains("Char"));

        static void RoundTrip<T>(params T[] values) where T : unmanaged
        {
            Tensor x = Tensor.From(values);
            Assert.That(x.DType, Is.EqualTo(DTypes.Of<T>()));
            Assert.That(x.ToArray<T>(), Is.EqualTo(values));
            Assert.That(x.Slice(0, values.Length - 1, values.Length, -1).ToArray<T>(), Is.EqualTo(values.Reverse()));
        }
    }

    [Test]
    public void Matrices_keep_their_rows()
    {
        Tensor x = Tensor.From(new[,] { { 1f, 2, 3 }, { 4, 5, 6 } });
        Assert.That(x.Shape, Is.EqualTo(new Shape([2, 3])));
        Assert.That(x.ToArray<float>(), Is.EqualTo(new[] { 1f, 2, 3, 4, 5, 6 }));
        Assert.That(x.Transpose().ToArray<float>(), Is.EqualTo(new[] { 1f, 4, 2, 5, 3, 6 }));
    }

    [Test]
    public void Numerics_tensors_of_any_layout_convert_both_ways()
    {
        Numerics.Tensor<double> whole = Numerics.Tensor.Create([1.0, 2, 3, 4, 5, 6], [2, 3]);
        Tensor x = Tensor.From(whole);
        Assert.That((x.Shape, x.DType), Is.EqualTo((new Shape([2, 3]), DType.Float64)));
        Numerics.Tensor<double> part = whole.Slice([0..2, 1..3]);
        Assert.That(Tensor.From(part).ToArray<double>(), Is.EqualTo(new[] { 2.0, 3, 5, 6 }));
        Numerics.Tensor<double> back = x.Transpose().ToNumericsTensor<double>();
        Assert.That(back.Lengths.ToArray(), Is.EqualTo(new nint[] { 3, 2 }));
        Assert.That(back[2, 1], Is.EqualTo(6));
        Assert.That(() => x.ToNumericsTensor<float>(), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Values_must_fit_the_shape_and_the_type()
    {
        Tensor x = Tensor.Zeros([2, 2]);
        Assert.That(() => Tensor.From([1f, 2, 3], [2, 2]), Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 2] has 4 elements").And.Message.Contains("3 values"));
        Assert.That(() => x.CopyFrom(new float[5]), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.CopyFrom(new double[4]), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast(DType.Float64)"));
        Assert.That(() => x.CopyTo(new float[3].AsSpan()), Throws.TypeOf<ShapeException>().With.Message.Contains("room for 3"));
        Assert.That(() => x.ToArray<int>(), Throws.TypeOf<DTypeException>());
        Assert.That(() => x.ToDouble(), Throws.TypeOf<ShapeException>().With.Message.Contains("Sum()"));
    }

    [Test]
    public void Single_elements_convert_to_numbers()
    {
        Assert.That((double)Tensor.From(2.5), Is.EqualTo(2.5));
        Assert.That((float)Tensor.From(7L), Is.EqualTo(7f));
        Assert.That(Tensor.From(1.0, 2, 3).Select(0, 1).ToDouble(), Is.EqualTo(2));
        Assert.That(Tensor.From(true).ToDouble(), Is.EqualTo(1));
        Assert.That(() => (double)(Tensor)null!, Throws.ArgumentNullException);
    }

    [Test]
    public void Writing_to_a_view_changes_what_it_views()
    {
        Tensor x = Tensor.Zeros([3, 3]), column = x.Select(1, 1), corner = x.Slice(0, 2, 2, -2).Slice(1, 0, 2, 2);
        column.CopyFrom([1f, 2, 3]);
        corner.CopyFrom([10f, 20, 30, 40]);
        Assert.That(x.ToArray<float>(), Is.EqualTo(new[] { 30f, 1, 40, 0, 2, 0, 10, 3, 20 }));
    }

    [Test]
    public void Empty_tensors_are_ordinary()
    {
        Tensor x = Tensor.Zeros([3, 0, 2]);
        Assert.That((x.Count, x.ToArray<float>().Length), Is.EqualTo((0L, 0)));
        Assert.That(x.ToString(), Is.EqualTo("Tensor [3, 0, 2] Float32 on cpu"));
        Assert.That((x + 1).Shape, Is.EqualTo(x.Shape));
        Assert.That(x.SumTo([3, 1, 1]).ToArray<float>(), Is.EqualTo(new float[3]));
    }

    [Test]
    public void Text_shows_shape_type_and_values()
    {
        Assert.That(Tensor.From(new[,] { { 1f, -2.5f }, { 100, 0.25f } }).ToString(),
            Is.EqualTo("Tensor [2, 2] Float32 on cpu\n[[  1.0000,  -2.5000],\n [100.0000,   0.2500]]"));
        Assert.That(Tensor.Scalar(3).ToString(), Is.EqualTo("Tensor [] Float32 on cpu: 3"));
        Assert.That(Tensor.From(1L, -20).ToString(), Is.EqualTo("Tensor [2] Int64 on cpu\n[  1, -20]"));
        Assert.That(Tensor.From(true, false).ToString(), Is.EqualTo("Tensor [2] Bool on cpu\n[ true, false]"));
        Assert.That(Tensor.From(1e-9, 1.0).ToString(), Does.Contain("1.0000e-09"));
        Assert.That(Tensor.From(double.NaN, double.PositiveInfinity).ToString(), Does.Contain("NaN").And.Contain("Infinity"));
        using Tensor w = Tensor.Parameter([1f], [1], "fc.bias");
        Assert.That(w.ToString(), Does.StartWith("Tensor 'fc.bias' [1] Float32 on cpu, parameter"));
    }

    [Test]
    public void Text_of_a_large_tensor_shows_its_edges()
    {
        string text = Tensor.From([.. Enumerable.Range(0, 2000).Select(i => (float)i)], [2, 1000]).ToString();
        Assert.That(text, Does.Contain("[[   0,    1,    2, …,  997,  998,  999],").And.Contain("1999]]"));
        Assert.That(text.Split('\n'), Has.Length.EqualTo(3));
    }

    [Test]
    public void Parameters_take_over_values()
    {
        Tensor values = Tensor.From(1.0, 2);
        MemoryBuffer buffer = values.Buffer;
        using Tensor w = Tensor.Parameter(values, "w");
        Assert.That((w.IsParameter, w.Name, values.IsDisposed), Is.EqualTo((true, "w", true)));
        Assert.That(w.Buffer, Is.SameAs(buffer));
        using Tensor zeros = Tensor.Parameter([2, 3], DType.Float64);
        Assert.That(zeros.ToArray<double>(), Is.EqualTo(new double[6]));
    }

    [Test]
    public void Parameters_refuse_shared_recorded_and_integer_values()
    {
        Tensor x = Tensor.From(1.0, 2);
        Assert.That(() => Tensor.Parameter(x.Slice(0, 0, 1)), Throws.ArgumentException.With.Message.Contains("Copy()"));
        Assert.That(() => Tensor.Parameter(Tensor.From(1L)), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast"));
        Assert.That(() => Tensor.Parameter([2], DType.Int64), Throws.TypeOf<DTypeException>());
        using Tensor w = Tensor.Parameter([1.0], [1]);
        using Tape tape = new();
        Assert.That(() => Tensor.Parameter(w * 2), Throws.TypeOf<TapeException>().With.Message.Contains("Detach()"));
    }

    [Test]
    public void Element_types_are_not_promoted()
    {
        Tensor x = Tensor.From(1f), y = Tensor.From(1.0);
        Assert.That(() => x + y, Throws.TypeOf<DTypeException>().With.Message.Contains("Add").And.Message.Contains("[1] Float32").And.Message.Contains("[1] Float64").And.Message.Contains("Cast"));
        Assert.That((x * 0.5).DType, Is.EqualTo(DType.Float32));
        Assert.That((Tensor.From(3L) * 2).ToArray<long>(), Is.EqualTo(new[] { 6L }));
        Assert.That(() => Tensor.From(3L) * 0.5, Throws.TypeOf<DTypeException>().With.Message.Contains("not an integer"));
    }

    [Test]
    public void Element_types_know_their_size_and_kind()
    {
        Assert.That(DTypes.All.Select(t => t.Size), Is.EqualTo(new[] { 4, 8, 2, 2, 8, 4, 1, 1, 1 }));
        Assert.That(DTypes.All.Where(t => t.IsFloating), Is.EqualTo(new[] { DType.Float32, DType.Float64, DType.Float16, DType.BFloat16 }));
        Assert.That(DTypes.All.Where(t => t.IsInteger), Is.EqualTo(new[] { DType.Int64, DType.Int32, DType.Int8, DType.UInt8 }));
    }

    [TestCase(1f, 0x3F80)]
    [TestCase(1.00390625f, 0x3F80)]                 // half-way: to even
    [TestCase(1.01171875f, 0x3F82)]
    [TestCase(3.4e38f, 0x7F80)]                     // beyond the largest: infinity
    [TestCase(-0f, 0x8000)]
    public void BFloat16_rounds_to_nearest_even(float value, int bits)
    {
        Assert.That(((BFloat16)value).ToBits(), Is.EqualTo(bits));
        Assert.That(float.IsNaN((BFloat16)float.NaN));
        Assert.That((float)BFloat16.FromBits(0x4049), Is.EqualTo(3.140625f));
    }

    [Test]
    public void An_unknown_accelerator_is_refused_by_name()
        => Assert.That(() => Accelerator.Open("abacus"), Throws.TypeOf<AcceleratorException>().With.Message.Contains("'abacus'").And.Message.Contains("cpu"));
}
