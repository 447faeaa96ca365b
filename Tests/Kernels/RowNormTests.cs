using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Tests.Gpu;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Layer, RMS and group normalisation against their formulas in double precision.</summary>
[InTensorScope]
public sealed class RowNormTests
{
    private static readonly (RowNorm Op, Shape X, Shape Affine)[] _large =
    [
        (new LayerNorm(1, 1e-5), [700, 130], [130]), (new LayerNorm(2, 1e-5), [5, 90, 111], [90, 111]), (new RmsNorm(1, 1e-6), [3, 20_011], [20_011]),
        (new GroupNorm(4, 1e-5), [3, 12, 41, 53], [12]), (new GroupNorm(2, 1e-5), [5, 34, 3], [5, 34]), (new GroupNorm(3, 1e-5), [40, 48], [48]),
    ];

    private static IEnumerable<TestCaseData> Large => _large.Select(c => new TestCaseData(c.Op, c.X, c.Affine).SetArgDisplayNames($"{c.Op.Name} {c.X}"));

    private static IEnumerable<TestCaseData> LargeOnGpus => GpuDevices.Names.SelectMany(device => _large.Select(c
        => new TestCaseData(device, c.Op, c.X, c.Affine).SetArgDisplayNames(device, $"{c.Op.Name} {c.X}")));

    [TestCaseSource(nameof(Large))]
    public void Rows_of_any_length_agree_with_the_formula(RowNorm op, Shape x, Shape affine)
    {
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
        {
            Tensor[] operands = Operands(op, x, affine, dtype);
            double[] expected = Formula(op, operands);
            Values.AssertClose(Doubles(op.Execute(operands)), expected, dtype == DType.Float32 ? 2e-6 : 1e-13, $"{dtype}");
        }
    }

    [TestCaseSource(nameof(Large))]
    public void The_fused_gradient_equals_the_composed_one(RowNorm op, Shape x, Shape affine)
    {
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
        {
            Tensor[] operands = Operands(op, x, affine, dtype);
            using Tape tape = new();
            foreach (Tensor operand in operands) tape.Watch(operand);
            Tensor weights = Tensor.Normal(x, new(9), dtype: DType.Float64).Cast(dtype), loss = (Apply(op, operands) * weights).SumTo([]);
            Tensor[] fused = tape.Gradients(loss, operands);
            using Tape exact = new();
            Tensor[] wide = [.. operands.Select(t => exact.Watch(t.Detach().Cast(DType.Float64)))];
            Tensor[] composed = exact.Gradients((Apply(op, wide) * weights.Cast(DType.Float64)).SumTo([]), wide, createGraph: true);
            for (int i = 0; i < fused.Length; i++) Values.AssertClose(Doubles(fused[i]), Doubles(composed[i]), dtype == DType.Float32 ? 5e-6 : 1e-12, $"{dtype}, gradient {i}");
        }
    }

    [TestCaseSource(nameof(LargeOnGpus))]
    [Category(TestProgram.Devices)]
    public void A_device_agrees_with_the_processor(string device, RowNorm op, Shape x, Shape affine)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Operand scale = new(affine, 0.5, 1.5), shift = new(affine);
        ParityReport report = new OpSample(op, op.Centers ? [new(x), scale, shift] : [new(x), scale]).CheckParity(gpu, DType.Float32, gradients: true);
        Assert.That(report.Error, Is.LessThanOrEqualTo(4 * ParityReport.Tolerance(DType.Float32)), report.Worst);
    }

    [Test]
    public void A_large_offset_costs_no_digits()
    {
        Tensor noise = Tensor.Normal([20, 300], new(1), 1e4, 1);
        RowNorm[] all = [new LayerNorm(1, 1e-5), new GroupNorm(3, 1e-5)];
        foreach (RowNorm op in all)
        {
            Tensor scale = Tensor.Ones([300]), shift = Tensor.Zeros([300]);
            double[] expected = Formula(op, [noise, scale, shift]);
            // Of numbers near 10⁴ single precision keeps 5·10⁻⁴; what was lost is lost for both, and no more is.
            Assert.That(Doubles(op.Execute(noise, scale, shift)), Is.EqualTo(expected).Within(2e-6), op.Name);
            Assert.That(Doubles(op.Execute(noise)), Is.EqualTo(expected).Within(2e-6), op.Name);

            Tensor weights = Tensor.Normal([20, 300], new(2));
            Tensor[] single = Gradients(op, [noise, scale, shift], weights), wide = Gradients(op, [.. new[] { noise, scale, shift }.Select(t => t.Cast(DType.Float64))], weights.Cast(DType.Float64));
            for (int i = 0; i < 3; i++) Values.AssertClose(Doubles(single[i]), Doubles(wide[i]), 2e-6, $"{op.Name}, gradient {i}");
        }
    }

    [Test]
    public void A_constant_row_gives_the_shift_and_a_spoilt_row_spoils_itself_only()
    {
        Tensor x = Tensor.From([7f, 7, 7, 7, 1, float.NaN, 2, 3, 1, float.PositiveInfinity, 2, 3, 1, 2, 3, 4], [4, 4]), shift = Tensor.From([1f, 2, 3, 4], [4]);
        float[] y = x.LayerNorm(Tensor.Ones([4]), shift).ToArray<float>();
        Assert.That(y[..4], Is.EqualTo([1f, 2, 3, 4]));
        Assert.That(y[4..12], Is.All.NaN);
        Assert.That(y[12..], Has.All.Matches<float>(float.IsFinite));
        Assert.That(Tensor.Zeros([1, 5]).RmsNorm().ToArray<float>(), Is.All.EqualTo(0), "ε keeps zeros from dividing by 0");
    }

    [Test]
    public void An_empty_batch_gives_nothing_and_gradients_of_zero()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Zeros([0, 4])), scale = tape.Watch(Tensor.Ones([4])), shift = tape.Watch(Tensor.Zeros([4])), y = x.LayerNorm(scale, shift);
        Assert.That(y.Shape, Is.EqualTo(x.Shape));
        Tensor[] gradients = tape.Gradients(y.Sum(), [x, scale, shift]);
        Assert.That(gradients[1].ToArray<float>(), Is.All.EqualTo(0));
        Assert.That(gradients[2].ToArray<float>(), Is.All.EqualTo(0));
    }

    [Test]
    public void One_group_is_layer_normalisation_and_a_group_per_channel_instance_normalisation()
    {
        Tensor x = Tensor.Normal([3, 6, 4, 5], new(1), 2, 3, DType.Float64);
        Assert.That(Doubles(x.GroupNorm(1)), Is.EqualTo(Doubles(x.LayerNorm(dimensions: 3))).Within(1e-13));
        Assert.That(Doubles(x.GroupNorm(6)), Is.EqualTo(Doubles(x.InstanceNorm())));
        // Batch normalisation of one sample is instance normalisation of it.
        Assert.That(Doubles(x.InstanceNorm().Slice(0, 1, 1)), Is.EqualTo(Doubles(x.Slice(0, 1, 1).BatchNorm().Y)).Within(1e-13));
        Assert.That(Doubles(x.GroupNorm(2).Slice(0, 1, 1)), Is.EqualTo(Doubles(x.Slice(0, 1, 1).GroupNorm(2))), "a sample does not see the others");
    }

    [Test]
    public void RMS_normalisation_does_not_see_the_scale_and_layer_normalisation_nor_the_offset()
    {
        Tensor x = Tensor.Normal([4, 9], new(1), 1, 1, DType.Float64);
        Assert.That(Doubles((x * 5).RmsNorm(epsilon: 0)), Is.EqualTo(Doubles(x.RmsNorm(epsilon: 0))).Within(1e-13));
        Assert.That(Doubles((x * 5 - 3).LayerNorm(epsilon: 0)), Is.EqualTo(Doubles(x.LayerNorm(epsilon: 0))).Within(1e-13));
        Assert.That(Doubles((x - 3).RmsNorm()), Is.Not.EqualTo(Doubles(x.RmsNorm())).Within(0.1));
    }

    [Test]
    public void Wrong_operands_are_explained()
    {
        Tensor x = Tensor.Zeros([2, 6, 4]);
        Assert.That(() => x.LayerNorm(dimensions: 4), Throws.TypeOf<ShapeException>().With.Message.Contains("4 trailing dimensions").And.Message.Contains("1 to 3"));
        Assert.That(() => x.LayerNorm(Tensor.Ones([6])), Throws.TypeOf<ShapeException>().With.Message.Contains("scale [6]"));
        Assert.That(() => x.LayerNorm(Tensor.Ones([4]), Tensor.Ones([1])), Throws.TypeOf<ShapeException>().With.Message.Contains("shift [1]"));
        Assert.That(() => x.LayerNorm(null, Tensor.Ones([4])), Throws.ArgumentException.With.Message.Contains("no scale"));
        Assert.That(() => x.LayerNorm(Tensor.Ones([4], DType.Float64)), Throws.TypeOf<DTypeException>());
        Assert.That(() => x.LayerNorm(epsilon: -1), Throws.ArgumentException.With.Message.Contains("-1"));
        Assert.That(() => Tensor.Zeros([3, 0]).LayerNorm(), Throws.TypeOf<ShapeException>().With.Message.Contains("no elements"));
        Assert.That(() => x.GroupNorm(4), Throws.TypeOf<ShapeException>().With.Message.Contains("4 equal groups"));
        Assert.That(() => x.GroupNorm(2, Tensor.Ones([4])), Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 6]"));
        Assert.That(() => x.GroupNorm(2, Tensor.Ones([6]), Tensor.Ones([2, 6])), Throws.TypeOf<ShapeException>().With.Message.Contains("same shape"));
        Assert.That(() => Tensor.Zeros([3]).GroupNorm(1), Throws.TypeOf<ShapeException>().With.Message.Contains("[N, C, …]"));
        Assert.That(() => Tensor.Zeros([3]).InstanceNorm(), Throws.TypeOf<ShapeException>().With.Message.Contains("InstanceNorm"));
        Assert.That(() => Tensor.Zeros([3, 3], DType.Int64).RmsNorm(), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast"));
    }

    private static Tensor Apply(RowNorm op, Tensor[] x) => op switch
    {
        LayerNorm norm => x[0].LayerNorm(x[1], x[2], norm.Dimensions, norm.Epsilon),
        RmsNorm norm => x[0].RmsNorm(x[1], norm.Dimensions, norm.Epsilon),
        GroupNorm norm => x[0].GroupNorm(norm.Groups, x[1], x[2], norm.Epsilon),
        _ => throw new ArgumentException(op.Name),
    };

    private static Tensor[] Gradients(RowNorm op, Tensor[] x, Tensor weights)
    {
        using Tape tape = new();
        Tensor[] operands = [.. x.Select(t => tape.Watch(t.Copy()))];
        return [.. tape.Gradients((Apply(op, operands) * weights).SumTo([]), operands).Select(TensorScope.Keep)];
    }

    private static Tensor[] Operands(RowNorm op, Shape x, Shape affine, DType dtype)
    {
        Tensor[] all = [Tensor.Normal(x, new(1), 0.5, 2, dtype), Tensor.Uniform(affine, new(2), 0.5, 1.5, dtype), Tensor.Normal(affine, new(3), dtype: dtype)];
        return op.Centers ? all : all[..2];
    }

    /// <summary>Row by row, element by element, in double precision.</summary>
    private static double[] Formula(RowNorm op, Tensor[] operands)
    {
        double[] x = Doubles(operands[0]), scale = Doubles(operands[1]), shift = operands.Length > 2 ? Doubles(operands[2]) : new double[scale.Length], y = new double[x.Length];
        Shape shape = operands[0].Shape;
        int length = op is GroupNorm group ? x.Length / (int)shape[0] / group.Groups : scale.Length;
        for (int row = 0; row < x.Length / length; row++)
        {
            double[] values = x[(row * length)..((row + 1) * length)];
            double mean = op.Centers ? values.Average() : 0, r = 1 / Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + op.Epsilon);
            for (int e = 0; e < length; e++)
            {
                int i = row * length + e, place = op is GroupNorm ? (int)(i / (x.Length / shape[0] / shape[1]) % scale.Length) : e;
                y[i] = (values[e] - mean) * r * scale[place] + shift[place];
            }
        }

        return y;
    }

    private static double[] Doubles(Tensor x) => x.Detach().Cast(DType.Float64).ToArray<double>();
}
