using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

[InTensorScope]
public sealed class GradCheckTests
{
    // Each function is written with the tape's ops; the wrong one gets a backward pass whose gradient is off by a part in a thousand.
    private static readonly (string Name, Func<Tensor, Tensor> F)[] _functions =
    [
        ("square", x => x * x),
        ("cube", x => x * x * x),
        ("relu", x => x.Relu() * x),
        ("product of neighbours", x => x.Slice(0, 0, 3) * x.Slice(0, 1, 3)),
        ("linear", x => x * 3 - 1),
    ];

    private static IEnumerable<TestCaseData> Functions => _functions.Select(f => new TestCaseData(f.F).SetArgDisplayNames(f.Name));

    [TestCaseSource(nameof(Functions))]
    public void A_right_gradient_is_good(Func<Tensor, Tensor> f)
    {
        GradCheckReport report = GradCheck.Run(x => new Scaled(f, 1).Apply(x[0]), [Point()]);
        Assert.That(report.Passed, report.ToString());
        Assert.That(report.Verdict, Is.EqualTo(GradCheckVerdict.Good));
        Assert.That(report.Entries, Has.Count.EqualTo(1));
        Assert.That(report.Entries[0].Checked, Is.EqualTo(4));
    }

    [TestCaseSource(nameof(Functions))]
    public void A_gradient_wrong_by_a_thousandth_is_rejected(Func<Tensor, Tensor> f)
    {
        GradCheckReport report = GradCheck.Run(x => new Scaled(f, 1.001).Apply(x[0]), [Point()]);
        Assert.That(report.Passed, Is.False);
        Assert.That(report.Verdict, Is.EqualTo(GradCheckVerdict.Suspicious));
        Assert.That(report.Worst.MaxRelativeError, Is.EqualTo(1e-3).Within(1).Percent);
    }

    [TestCaseSource(nameof(Functions))]
    public void A_large_tensor_wrong_by_a_thousandth_is_rejected(Func<Tensor, Tensor> f)
    {
        Tensor x = new Checking.Operand([4, 500], 0.5, 2).Make(DType.Float64, new Generator(3));
        Assert.That(GradCheck.Run(v => new Scaled(f, 1).Apply(v[0]), [x]).Verdict, Is.EqualTo(GradCheckVerdict.Good));
        GradCheckReport report = GradCheck.Run(v => new Scaled(f, 1.001).Apply(v[0]), [x]);
        Assert.That(report.Entries.Select(e => e.MaxRelativeError), Is.All.EqualTo(1e-3).Within(2).Percent);
        Assert.That(report.Entries[0].Checked, Is.EqualTo(256));
        Assert.That(report.Entries, Has.Count.EqualTo(2), "the elements and the random direction");
    }

    [Test]
    public void A_second_derivative_wrong_by_a_thousandth_is_rejected()
    {
        GradCheckReport right = GradCheck.RunSecondOrder(x => new Cube(1).Apply(x[0]), [Point()]);
        GradCheckReport wrong = GradCheck.RunSecondOrder(x => new Cube(1.001).Apply(x[0]), [Point()]);
        Assert.That(right.Verdict, Is.EqualTo(GradCheckVerdict.Good), right.ToString());
        Assert.That(wrong.Passed, Is.False);
        Assert.That(GradCheck.Run(x => new Cube(1.001).Apply(x[0]), [Point()]).Passed, "only its second derivative is wrong");
    }

    [Test]
    public void Assert_names_the_worst_element()
    {
        Tensor mask = Tensor.From(0.0, 0, 0.5, 0), x = Point();
        x.Name = "speed";
        GradCheckException e = Assert.Throws<GradCheckException>(() => GradCheck.Assert(v => new Offset(mask).Apply(v[0]), [x]))!;
        Assert.That(e.Message, Does.Contain("speed").And.Contain("[4]").And.Contain("at [2]").And.Contain("analytic").And.Contain("numeric"));
        Assert.That(e.Report!.Worst.WorstIndex, Is.EqualTo(new long[] { 2 }));
        Assert.That(e.Report.Worst.Verdict, Is.EqualTo(GradCheckVerdict.Wrong));
    }

    [Test]
    public void A_gradient_cut_from_the_tape_is_wrong()
    {
        GradCheckReport report = GradCheck.Run(x => x[0].Detach() * x[0], [Point()]);
        Assert.That(report.Worst.MaxRelativeError, Is.EqualTo(0.5).Within(1e-6));
        Assert.That(GradCheck.Run(x => x[0].Detach() * 2, [Point()]).Verdict, Is.EqualTo(GradCheckVerdict.Wrong));
    }

    [Test]
    public void A_NaN_gradient_is_wrong()
    {
        GradCheckReport report = GradCheck.Run(x => new Scaled(v => v * v, double.NaN).Apply(x[0]), [Point()]);
        Assert.That(report.Worst.MaxRelativeError, Is.EqualTo(double.PositiveInfinity));
        Assert.That(report.Verdict, Is.EqualTo(GradCheckVerdict.Wrong));
    }

    [Test]
    public void A_subgradient_at_a_kink_is_reported_as_one()
    {
        GradCheckReport report = GradCheck.Run(x => x[0].Relu(), [Tensor.From(-1.0, 0, 2)]);
        Assert.That(report.Passed);
        Assert.That(report.Verdict, Is.EqualTo(GradCheckVerdict.Kink));
        Assert.That(report.Entries[0].Kinks, Is.EqualTo(1));
    }

    [Test]
    public void A_value_outside_both_slopes_at_a_kink_is_wrong()
    {
        Tensor offset = Tensor.From(0.0, -0.5, 0);
        Assert.That(GradCheck.Run(x => new Offset(offset, v => v.Relu()).Apply(x[0]), [Tensor.From(-1.0, 0, 2)]).Verdict, Is.EqualTo(GradCheckVerdict.Wrong));
    }

    [Test]
    public void A_kink_within_the_step_is_stepped_around()
    {
        GradCheckReport report = GradCheck.Run(x => x[0].Relu() * x[0], [Tensor.From(3e-6, -3e-6)]);
        Assert.That(report.Passed, report.ToString());
        report = GradCheck.Run(x => x[0].Relu(), [Tensor.From(3e-6, -3e-6)]);
        Assert.That(report.Passed && report.Entries[0].Kinks == 0, report.ToString());
    }

    [Test]
    public void One_sided_differences_are_good_to_their_order()
    {
        GradCheckOptions options = new() { OneSided = true };
        GradCheckReport report = GradCheck.Run(x => x[0] * x[0] * x[0], [Point()], options);
        Assert.That(report.Passed, report.ToString());
        Assert.That(report.Worst.MaxRelativeError, Is.LessThan(1e-6));
        Assert.That(GradCheck.Run(x => new Scaled(v => v * v, 1.001).Apply(x[0]), [Point()], options).Passed, Is.False);
    }

    [Test]
    public void Float32_is_checked_with_a_warning()
    {
        GradCheckReport report = GradCheck.Run(x => x[0] * x[0], [Tensor.From(0.4f, -1.3f)]);
        Assert.That(report.Passed, report.ToString());
        Assert.That(report.Warning, Does.Contain("Float32"));
        Assert.That(GradCheck.Run(x => new Scaled(v => v * v, 1.05).Apply(x[0]), [Tensor.From(0.4f, -1.3f)]).Passed, Is.False);
    }

    [Test]
    public void Parameters_are_checked_by_name_and_restored()
    {
        using Tensor w = Tensor.Parameter([1.5, -0.5], [2], "w"), frozen = Tensor.Parameter([3.0], [1], "frozen");
        frozen.IsFrozen = true;
        GradCheckReport report = GradCheck.Run(x => x[0] * w * w * frozen, [Tensor.From(0.7, 1.1)], parameters: [w, frozen]);
        Assert.That(report.Entries.Select(e => e.Name), Is.EqualTo(new[] { "input 0", "w" }));
        Assert.That(report.Passed, report.ToString());
        Assert.That(w.ToArray<double>(), Is.EqualTo(new[] { 1.5, -0.5 }));
        Assert.That(w.Grad, Is.Null);
        report = GradCheck.Run(x => new Scaled(v => v * v, 1.001).Apply(w) * x[0], [Tensor.From(0.7, 1.1)], parameters: [w]);
        Assert.That(report.Worst.Name, Is.EqualTo("w"));
        Assert.That(report.Entries[0].Verdict, Is.EqualTo(GradCheckVerdict.Good));
    }

    [Test]
    public void The_same_parameter_is_restored_when_the_function_throws()
    {
        using Tensor w = Tensor.Parameter([1.5, -0.5], [2], "w");
        int calls = 0;
        Assert.Throws<FormatException>(() => GradCheck.Run(_ => ++calls == 5 ? throw new FormatException() : w * w, [], parameters: [w]));
        Assert.That(w.ToArray<double>(), Is.EqualTo(new[] { 1.5, -0.5 }));
    }

    [Test]
    public void Inputs_are_neither_changed_nor_watched()
    {
        using Tensor x = Tensor.From(0.3, -0.7);
        int version = x.Buffer.Version;
        GradCheck.Assert(v => v[0] * v[0], [x]);
        Assert.That(x.Buffer.Version, Is.EqualTo(version));
        Assert.That(x.TapeNode, Is.Null);
    }

    [Test]
    public void Random_state_is_frozen_for_named_generators()
    {
        Generator generator = new(5);
        Func<Tensor[], Tensor> noisy = x => x[0] * (1 + generator.NextDouble());
        GradCheckException e = Assert.Throws<GradCheckException>(() => GradCheck.Run(noisy, [Point()]))!;
        Assert.That(e.Message, Does.Contain("two results").And.Contain("Generators"));
        Assert.That(GradCheck.Run(noisy, [Point()], new() { Generators = [generator] }).Passed);
    }

    [Test]
    public void Integer_inputs_are_passed_on()
    {
        Tensor indices = Tensor.From(1L, 2);
        GradCheckReport report = GradCheck.Run(x =>
        {
            Assert.That(x[1], Is.SameAs(indices));
            return x[0] * x[0];
        }, [Point(), indices]);
        Assert.That(report.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public void Nothing_to_differentiate_is_an_error()
    {
        Assert.That(() => GradCheck.Run(x => x[0], [Tensor.From(1L)]), Throws.TypeOf<GradCheckException>());
        Assert.That(() => GradCheck.Run(x => x[0], [Tensor.From((Half)1)]), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast"));
    }

    [Test]
    public void A_shape_that_depends_on_values_is_refused()
    {
        Func<Tensor[], Tensor> f = x => x[0].Slice(0, 0, x[0].ToArray<double>()[0] > 0.3 ? 2 : 1);
        Assert.That(() => GradCheck.Run(f, [Tensor.From(0.3, 1)]), Throws.TypeOf<GradCheckException>().With.Message.Contains("shape"));
    }

    [Test]
    public void The_identity_and_an_empty_input_are_checked()
    {
        GradCheckReport report = GradCheck.Run(x => x[0], [Point(), Tensor.Empty([0, 3], DType.Float64)]);
        Assert.That(report.Verdict, Is.EqualTo(GradCheckVerdict.Good));
        Assert.That(report.Entries, Has.Count.EqualTo(1));
    }

    private static Tensor Point() => Tensor.From(0.3, -1.2, 0.7, 2.1);

    /// <summary>f, with its gradient multiplied by a factor.</summary>
    private sealed class Scaled(Func<Tensor, Tensor> f, double factor) : CustomFunction
    {
        protected override Tensor Forward(Context context, ReadOnlySpan<Tensor> x) => f(context.Save(x[0]));

        protected override Tensor?[] Backward(Context context, Tensor gradient)
        {
            using Tape tape = new();
            Tensor x = tape.Watch(context.Saved(0).Detach());
            return [TensorScope.Keep(tape.Gradients(f(x), [x], gradient: gradient)[0] * factor)];
        }
    }

    /// <summary>f, with an offset added to its gradient.</summary>
    private sealed class Offset(Tensor offset, Func<Tensor, Tensor>? f = null) : CustomFunction
    {
        private readonly Func<Tensor, Tensor> _f = f ?? (x => x * 2);

        protected override Tensor Forward(Context context, ReadOnlySpan<Tensor> x) => _f(context.Save(x[0]));

        protected override Tensor?[] Backward(Context context, Tensor gradient)
        {
            using Tape tape = new();
            Tensor x = tape.Watch(context.Saved(0).Detach());
            return [TensorScope.Keep((tape.Gradients(_f(x), [x])[0] + offset) * gradient)];
        }
    }

    /// <summary>x³, whose gradient's own gradient is off by a factor.</summary>
    private sealed class Cube(double factor) : CustomFunction
    {
        protected override Tensor Forward(Context context, ReadOnlySpan<Tensor> x) => context.Save(x[0]) * x[0] * x[0];

        // 3x² written so that only its derivative shows the factor: f·x² + (1−f)·const(x²).
        protected override Tensor?[] Backward(Context context, Tensor gradient)
        {
            Tensor square = context.Saved(0) * context.Saved(0);
            return [gradient * (square * factor + square.Detach() * (1 - factor)) * 3];
        }
    }
}
