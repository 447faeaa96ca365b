using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

[InTensorScope]
public sealed class DistillationTests
{
    private const int Classes = 3;

    [TestCase(1, 0.5)]
    [TestCase(4, 0.9)]
    [TestCase(3, 1)]
    public void The_loss_is_the_formula_and_its_gradient_is_that_of_finite_differences(double temperature, double weight)
    {
        Generator random = new(3);
        Tensor input = Tensor.Normal([5, 4], random, dtype: DType.Float64), scores = Tensor.Normal([5, Classes], random, dtype: DType.Float64), targets = Tensor.From(0L, 2, 1, 1, 0);
        Tensor map = Tensor.Normal([4, Classes], random, dtype: DType.Float64);
        using Lambda teacher = new(x => x.MatMul(map) * 3);
        Distillation distillation = new(teacher, temperature, weight);

        double[] s = scores.ToArray<double>(), t = teacher.Forward(input).ToArray<double>();
        double expected = 0;
        for (int row = 0; row < 5; row++)
        {
            double[] student = Softmax(s, row, temperature), wise = Softmax(t, row, temperature);
            double soft = temperature * temperature * wise.Zip(student).Sum(p => p.First * Math.Log(p.First / p.Second));
            double hard = -Math.Log(Softmax(s, row, 1)[targets.ToArray<long>()[row]]);
            expected += ((1 - weight) * hard + weight * soft) / 5;
        }

        Assert.That(Whole(scores).ToDouble(), Is.EqualTo(expected).Within(1e-12));
        GradCheck.Assert(x => Whole(x[0]), [scores]);

        Tensor Whole(Tensor y) => distillation.Loss(input, y, Loss.CrossEntropy(y, targets));
    }

    [Test]
    public void A_student_learns_from_soft_targets_alone_what_it_was_never_told()
    {
        // No sample of the student's data has a true label: all say class 0. Two teachers of an ensemble know better.
        using Sequential first = Network(1, 24), second = Network(2, 24), student = Network(3, 8);
        Teach(first);
        Teach(second);
        using Ensemble teacher = new([first, second]);
        using DataLoader unlabelled = new(Samples(200, 11, labelled: false), 20, shuffleSeed: 5), test = new(Samples(300, 12), 100);
        using Adam optimizer = new(student.Parameters(), 0.01);
        Trainer trainer = new(student, (y, t) => Loss.CrossEntropy(y, t), optimizer, unlabelled) { Distillation = new(teacher, temperature: 3, weight: 1) };
        trainer.Fit(20);
        Accuracy taught = new(), wise = new();
        Trainer.Evaluate(student, test, taught);
        Trainer.Evaluate(teacher, test, wise);
        Assert.That(wise.Value, Is.GreaterThan(0.95));
        Assert.That(taught.Value, Is.GreaterThan(wise.Value - 0.03), "the labels alone would give a third");
        Assert.That(teacher.Parameters(), Has.All.Property("Grad").Null);
    }

    [Test]
    public void The_teacher_neither_drops_out_nor_learns_statistics()
    {
        using Sequential teacher = new(new BatchNorm1D(4), new Dropout(0.5), new Linear(4, Classes));
        Distillation distillation = new(teacher);
        Tensor input = Tensor.Normal([6, 4], new Generator(1)), student = Tensor.Zeros([6, Classes]), hard = Tensor.From(0f).Sum();
        double one = distillation.Loss(input, student, hard).ToDouble(), two = distillation.Loss(input, student, hard).ToDouble();
        Assert.That(two, Is.EqualTo(one));
        Assert.That(((BatchNorm1D)teacher[0]).NamedBuffers()[0].Buffer.ToArray<float>(), Is.All.Zero, "the running mean");
    }

    [Test]
    public void Mistakes_are_explained()
    {
        using Linear teacher = new(2, 3);
        Assert.That(() => new Distillation(teacher, temperature: 0), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("2 to 5 are usual"));
        Assert.That(() => new Distillation(teacher, weight: 1.5), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("between 0 and 1"));
        Assert.That(() => new Distillation(teacher).Loss(Tensor.Zeros([4, 2]), Tensor.Zeros([4, 5]), Tensor.From(0f).Sum()), Throws.TypeOf<ShapeException>().With.Message.Contains("the teacher's [4, 3]"));
    }

    private static double[] Softmax(double[] scores, int row, double temperature)
    {
        double[] e = [.. scores[(row * Classes)..((row + 1) * Classes)].Select(v => Math.Exp(v / temperature))];
        return [.. e.Select(v => v / e.Sum())];
    }

    private static Sequential Network(ulong seed, int width)
    {
        Sequential network = new(new Linear(2, width), new Tanh(), new Linear(width, Classes));
        network.Initialize(new Generator(seed));
        return network;
    }

    private static void Teach(Sequential teacher)
    {
        using DataLoader data = new(Samples(200, 10), 20, shuffleSeed: 4);
        using Adam optimizer = new(teacher.Parameters(), 0.01);
        new Trainer(teacher, (y, t) => Loss.CrossEntropy(y, t), optimizer, data).Fit(20);
    }

    // Three clouds around the corners of a triangle.
    private static ArrayDataset<float, long> Samples(int count, ulong seed, bool labelled = true)
    {
        Generator random = new(seed);
        float[] points = new float[2 * count];
        long[] classes = new long[count];
        for (int i = 0; i < count; i++)
        {
            double angle = 2 * Math.PI * (i % Classes) / Classes;
            (points[2 * i], points[2 * i + 1]) = ((float)(Math.Cos(angle) + 0.3 * random.NextNormal()), (float)(Math.Sin(angle) + 0.3 * random.NextNormal()));
            classes[i] = labelled ? i % Classes : 0;
        }

        return new(points, [2], classes, []);
    }
}
