using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

[InTensorScope]
public sealed class LossTests
{
    private static readonly long[] _classes = [3, 0, 9, 5];

    [Test]
    public void Equal_scores_cost_the_logarithm_of_the_number_of_classes()
    {
        Tensor scores = Tensor.Zeros([4, 10]), targets = Tensor.From(_classes);
        Assert.That(Loss.CrossEntropy(scores, targets).ToDouble(), Is.EqualTo(Math.Log(10)).Within(1e-6));
        Assert.That(Loss.CrossEntropy(scores, targets.OneHot(10)).ToDouble(), Is.EqualTo(Math.Log(10)).Within(1e-6));
        Assert.That(Loss.NegativeLogLikelihood(scores.LogSoftmax(), targets).ToDouble(), Is.EqualTo(Math.Log(10)).Within(1e-6));
    }

    [TestCase(1, 9)]
    [TestCase(0.5, 4.5)]
    public void Equal_scores_cost_a_margin_per_wrong_class(double margin, double expected)
        => Assert.That(Loss.MulticlassHinge(Tensor.Zeros([4, 10]), Tensor.From(_classes), margin).ToDouble(), Is.EqualTo(expected));

    [Test]
    public void A_small_multiclass_hinge_by_hand()
    {
        // Scores of a cat, a car and a frog for three pictures: losses 2.9, 0 and 12.9.
        Tensor scores = Tensor.From([3.2, 5.1, -1.7, 1.3, 4.9, 2.0, 2.2, 2.5, -3.1], [3, 3]);
        Tensor losses = Loss.MulticlassHinge(scores, Tensor.From(0L, 1, 2), reduction: Reduction.None);
        Assert.That(losses.ToArray<double>(), Is.EqualTo(new[] { 2.9, 0, 12.9 }).Within(1e-12));
    }

    private static IEnumerable<TestCaseData> ExtremeLosses()
    {
        static TestCaseData Case(string name, Func<Tensor, Tensor> loss, double[] losses, double[] slopes) => new TestCaseData(loss, losses, slopes).SetArgDisplayNames(name);

        // Rows of two scores: (10⁴, −10⁴), (−10⁴, 10⁴) and (0, 0); the right class is the first.
        const double Far = 2e4, Half = 0.5;
        static Tensor First(Tensor x) => Tensor.Zeros([3], DType.Int64);
        static Tensor FirstOnly(Tensor x) => Tensor.From(1f, 0).Expand([3, 2]);
        static Tensor Signs(Tensor x) => Tensor.From(1f, -1).Expand([3, 2]);
        double ln2 = Math.Log(2);
        yield return Case("cross-entropy", x => Loss.CrossEntropy(x, First(x), reduction: Reduction.None), [0, Far, ln2], [0, 0, -1, 1, -Half, Half]);
        yield return Case("soft cross-entropy", x => Loss.CrossEntropy(x, FirstOnly(x), reduction: Reduction.None), [0, Far, ln2], [0, 0, -1, 1, -Half, Half]);
        yield return Case("nll", x => Loss.NegativeLogLikelihood(x.LogSoftmax(), First(x), reduction: Reduction.None), [0, Far, ln2], [0, 0, -1, 1, -Half, Half]);
        yield return Case("logits", x => Loss.BinaryCrossEntropyWithLogits(x, FirstOnly(x), reduction: Reduction.None), [0, 0, 1e4, 1e4, ln2, ln2], [0, 0, -1, 1, -Half, Half]);
        yield return Case("positive weight", x => Loss.BinaryCrossEntropyWithLogits(x, FirstOnly(x), positiveWeight: Tensor.From(3f, 5), reduction: Reduction.None),
            [0, 0, 3e4, 1e4, 3 * ln2, ln2], [0, 0, -3, 1, -1.5, Half]);
        yield return Case("focal", x => Loss.Focal(x, FirstOnly(x), alpha: null, reduction: Reduction.None), [0, 0, 1e4, 1e4, ln2 / 4, ln2 / 4], [0, 0, -1, 1, -Half / 4 - ln2 / 4, Half / 4 + ln2 / 4]);
        yield return Case("multiclass hinge", x => Loss.MulticlassHinge(x, First(x), reduction: Reduction.None), [0, Far + 1, 1], [0, 0, -1, 1, -1, 1]);
        yield return Case("hinge", x => Loss.Hinge(x, Signs(x), reduction: Reduction.None), [0, 0, 10001, 10001, 1, 1], [0, 0, -1, 1, -1, 1]);
        yield return Case("distillation", x => Loss.Distillation(x, Signs(x) * 1e4, 1, Reduction.None), [0, Far, ln2], [0, 0, -1, 1, -Half, Half]);
    }

    [TestCaseSource(nameof(ExtremeLosses))]
    public void Losses_and_gradients_are_right_for_scores_of_ten_thousand(Func<Tensor, Tensor> loss, double[] losses, double[] slopes)
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From([1e4f, -1e4f, -1e4f, 1e4f, 0, 0], [3, 2]));
        Tensor y = loss(x);
        float[] found = y.ToArray<float>();
        for (int i = 0; i < found.Length; i++) Assert.That(found[i], Is.EqualTo(losses[i]).Within(1e-6 * (1 + Math.Abs(losses[i]))), $"loss {i}");
        Assert.That(tape.Gradients(y.Sum(), [x])[0].ToArray<float>(), Is.EqualTo(slopes).Within(1e-6));
    }

    [Test]
    public void A_binary_loss_stays_accurate_where_it_is_tiny()
    {
        Tensor loss = Loss.BinaryCrossEntropyWithLogits(Tensor.From(-20f, 20f), Tensor.From(0f, 1f), reduction: Reduction.None);
        Assert.That(loss.ToArray<float>(), Is.EqualTo(new[] { 2.0611536e-9, 2.0611536e-9 }).Within(1e-14));
    }

    [Test]
    public void Gradients_of_a_softmax_loss_sum_to_zero()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Normal([4, 10], new Generator(1), dtype: DType.Float64)), targets = Tensor.From(_classes);
        foreach (Tensor loss in (Tensor[])[Loss.CrossEntropy(x, targets), Loss.CrossEntropy(x, targets.OneHot(10, DType.Float64), labelSmoothing: 0.1), Loss.MulticlassHinge(x, targets)])
            Assert.That(tape.Gradients(loss, [x])[0].Sum(1).ToArray<double>(), Is.EqualTo(new double[4]).Within(1e-15));
    }

    [Test]
    public void Mixed_targets_cost_the_mixture_of_the_losses()
    {
        Tensor x = Tensor.Normal([4, 10], new Generator(1), dtype: DType.Float64), a = Tensor.From(_classes), b = Tensor.From(1L, 2, 3, 4);
        Tensor mixed = 0.3 * a.OneHot(10, DType.Float64) + 0.7 * b.OneHot(10, DType.Float64);
        double expected = 0.3 * Loss.CrossEntropy(x, a).ToDouble() + 0.7 * Loss.CrossEntropy(x, b).ToDouble();
        Assert.That(Loss.CrossEntropy(x, mixed).ToDouble(), Is.EqualTo(expected).Within(1e-14));
    }

    [Test]
    public void Ignored_samples_count_nothing()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Normal([2, 3], new Generator(1), dtype: DType.Float64));
        Tensor loss = Loss.NegativeLogLikelihood(x.LogSoftmax(), Tensor.From(-100L, 1));
        Assert.That(loss.ToDouble(), Is.EqualTo(Loss.CrossEntropy(x, Tensor.From(-100L, 1)).ToDouble()).Within(1e-15));
        Assert.That(tape.Gradients(loss, [x])[0].ToArray<double>()[..3], Is.EqualTo(new double[3]));
    }

    [Test]
    public void The_teacher_and_what_is_quantised_get_no_gradient_through_the_other_term()
    {
        using Tape tape = new();
        Tensor student = tape.Watch(Tensor.Zeros([1, 2])), teacher = tape.Watch(Tensor.From(new[] { 1f, 0 }, [1, 2]));
        Assert.That(tape.Gradients(Loss.Distillation(student, teacher), [student, teacher])[1].ToArray<float>(), Is.EqualTo(new float[2]));
        Tensor[] gradients = tape.Gradients(Loss.VectorQuantization(student, teacher, beta: 0.5, Reduction.Sum), [student, teacher]);
        Assert.That(gradients[0].ToArray<float>(), Is.EqualTo(new[] { -1f, 0 }), "0.5 · 2 (encoded − codes)");
        Assert.That(gradients[1].ToArray<float>(), Is.EqualTo(new[] { 2f, 0 }), "2 (codes − encoded)");
    }

    [Test]
    public void Equal_vectors_have_finite_gradients_in_every_distance_loss()
    {
        using Tape tape = new();
        Tensor a = tape.Watch(Tensor.Ones([2, 3]));
        foreach (Tensor loss in (Tensor[])[Loss.Triplet(a, a, a), Loss.Contrastive(a, Tensor.Ones([2, 3]), Tensor.Zeros([2])), Loss.CosineEmbedding(a * 0, a, Tensor.Ones([2]))])
            Assert.That(tape.Gradients(loss, [a])[0].IsFinite().All().ToArray<bool>(), Is.EqualTo(new[] { true }));
    }

    [Test]
    public void Classes_that_have_no_probability_add_nothing_to_a_divergence()
    {
        Tensor q = Tensor.From(new[] { -0.6931471805599453, -0.6931471805599453 }, [1, 2]), p = Tensor.From(new[] { 0, double.NegativeInfinity }, [1, 2]);
        Assert.That(Loss.KullbackLeibler(q, p).ToDouble(), Is.EqualTo(Math.Log(2)).Within(1e-15));
        Assert.That(Loss.KullbackLeibler(p, p).ToDouble(), Is.Zero);
    }

    [Test]
    public void Long_sums_of_losses_are_accurate_and_do_not_depend_on_threads()
    {
        Tensor x = Tensor.Full([100_003], 0.1f), zero = Tensor.Zeros([100_003]);
        double expected = 0.1f * (double)0.1f;
        double Mean() => Loss.MeanSquaredError(x, zero).ToDouble();
        Threads.ChangeNoBit(Mean, 1, 2);
        Assert.That(Mean(), Is.EqualTo(expected).Within(5e-7 * expected));
    }

    [Test]
    public void Nothing_has_no_mean_and_no_sum()
    {
        Tensor none = Tensor.Zeros([0, 3]);
        Assert.That(Loss.MeanSquaredError(none, none, Reduction.Sum).ToDouble(), Is.Zero);
        Assert.That(Loss.MeanSquaredError(none, none).ToDouble(), Is.NaN);
        Assert.That(Loss.MulticlassHinge(none, Tensor.Zeros([0], DType.Int64), reduction: Reduction.None).Shape, Is.EqualTo((Shape)(long[])[0]));
    }

    [Test]
    public void NaN_is_not_hidden()
    {
        Tensor x = Tensor.From(float.NaN, 1), t = Tensor.From(0.5f, 0.5f);
        foreach (Tensor loss in (Tensor[])[Loss.MeanAbsoluteError(x, t), Loss.Huber(x, t), Loss.EpsilonInsensitive(x, t), Loss.BinaryCrossEntropyWithLogits(x, t), Loss.BinaryCrossEntropy(x, t), Loss.Hinge(x, t)])
            Assert.That(loss.ToDouble(), Is.NaN);
    }

    [Test]
    public void Operands_that_do_not_fit_are_refused_with_a_remedy()
    {
        Tensor x = Tensor.Zeros([2, 3]), row = Tensor.Zeros([3]), integers = Tensor.Zeros([2, 3], DType.Int64);
        Assert.That(() => Loss.MeanSquaredError(x, row), Throws.TypeOf<ShapeException>().With.Message.Contains("MeanSquaredError: the prediction [2, 3] and the target [3]"));
        Assert.That(() => Loss.BinaryCrossEntropyWithLogits(x, integers), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast(DType.Float32)"));
        Assert.That(() => Loss.BinaryCrossEntropyWithLogits(x, x, Tensor.Zeros([2])), Throws.TypeOf<ShapeException>().With.Message.Contains("BinaryCrossEntropyWithLogits"));
        Assert.That(() => Loss.BinaryCrossEntropyWithLogits(row, row, positiveWeight: x), Throws.TypeOf<ShapeException>().With.Message.Contains("positive weights [2, 3] do not stretch to [3]"));
        Assert.That(() => Loss.MulticlassHinge(x, integers), Throws.TypeOf<ShapeException>().With.Message.Contains("scores [2, 3] and targets [2, 3]"));
        Assert.That(() => Loss.MulticlassHinge(x, Tensor.From(0L, 3)), Throws.TypeOf<ShapeException>().With.Message.Contains("index 3 at position [1]"));
        Assert.That(() => Loss.NegativeLogLikelihood(x, x), Throws.TypeOf<DTypeException>().With.Message.Contains("Int64"));
        Assert.That(() => Loss.NegativeLogLikelihood(x, Tensor.From(0L, 3)), Throws.TypeOf<ShapeException>().With.Message.Contains("out of range"));
        Assert.That(() => Loss.NegativeLogLikelihood(x, Tensor.From(0L, 1), row.Slice(0, 0, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("class weights [2] must be [3]"));
        Assert.That(() => Loss.CrossEntropy(x, x, ignoreIndex: 1), Throws.ArgumentException.With.Message.Contains("probabilities"));
        Assert.That(() => Loss.CosineEmbedding(x, x, row), Throws.TypeOf<ShapeException>().With.Message.Contains("must be [2]"));
        Assert.That(() => Loss.InfoNce(row, row), Throws.TypeOf<ShapeException>().With.Message.Contains("[n, features]"));
        Assert.That(() => Loss.Huber(x, x, 0), Throws.ArgumentException.With.Message.Contains("must be positive"));
        Assert.That(() => Loss.Distillation(x, x, 0), Throws.ArgumentException.With.Message.Contains("temperature"));
    }

    [Test]
    public void Labels_that_are_no_classes_are_refused_with_their_place()
    {
        Tensor logits = Tensor.Zeros([2, 3]);
        foreach (long label in (long[])[-1, 3, 200, long.MinValue, long.MaxValue])
            Assert.That(() => Loss.CrossEntropy(logits, Tensor.From(0L, label)), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains($"targets[1] is {label}, but the logits have 3 classes: 0 to 2"));
        foreach (Tensor labels in (Tensor[])[Tensor.From(0f, 1), Tensor.From(0, float.NaN), Tensor.From((byte)0, (byte)1)])
            Assert.That(() => Loss.CrossEntropy(logits, labels), Throws.TypeOf<DTypeException>().With.Message.Contains("Int64"));
        Assert.That(() => Loss.CrossEntropy(logits, Tensor.From(0L, 1, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("one class per sample"));
    }

    [Test]
    public void Weights_may_be_learnt()
    {
        using Tape tape = new();
        Tensor x = Tensor.From(new[] { 1f, 2, 3, 4 }, [2, 2]), w = tape.Watch(Tensor.Ones([2]));
        Tensor loss = Loss.BinaryCrossEntropyWithLogits(x, Tensor.Zeros([2, 2]), w, reduction: Reduction.Sum);
        Assert.That(tape.Gradients(loss, [w])[0].ToArray<float>(), Is.EqualTo(x.Softplus().Sum(0).ToArray<float>()).Within(1e-6));
    }
}
