using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

[InTensorScope]
public sealed class TrainingPlanTests
{
    private const int Vocabulary = 50, Length = 24;

    private static readonly SampleSpec _pixels = new(DType.Float32, [3, 64, 64]), _class = new(DType.Int64, []), _text = new(DType.Int64, [Length]);

    [Test]
    public void Peaks_of_ResNet18_are_foreseen([Values(2, 5, 12)] int batch)
    {
        using ResNet18 model = new(10);
        using Sgd optimizer = new(model.Parameters(), 0.01, momentum: 0.9);
        CheckPeak(model, Classify, optimizer, _pixels, _class, batch);
    }

    [Test]
    public void Peaks_of_CharLstm_are_foreseen([Values(1, 8, 32)] int batch)
    {
        using CharLstm model = new(Vocabulary, hidden: 128, dropout: 0.1);
        using AdamW optimizer = new(model.Parameters());
        CheckPeak(model, ReadOn, optimizer, _text, _text, batch);
    }

    [Test]
    public void Peaks_of_TextTransformer_are_foreseen([Values(1, 8, 32)] int batch)
    {
        using TextTransformer model = new(Vocabulary, Length, causal: true);
        using Adam optimizer = new(model.Parameters());
        CheckPeak(model, ReadOn, optimizer, _text, _text, batch);
    }

    [Test]
    public void Peaks_of_a_trainer_are_foreseen_whatever_it_is_set_to(
        [Values(1, 3)] int accumulate, [Values] bool average, [Values(MixedPrecision.Off, MixedPrecision.BFloat16, MixedPrecision.Float16)] MixedPrecision precision)
    {
        const int Batch = 128;
        using Sequential model = new(new Linear(8, 256), new BatchNorm1D(256), new Tanh(), new Linear(256, 256), new ReLU(), new Linear(256, 4));
        using AdamW optimizer = new(model.Parameters());
        using WeightAverage? averages = average ? WeightAverage.Exponential(model.Parameters()) : null;
        int samples = 3 * accumulate * Batch;
        using DataLoader data = new(new ArrayDataset<float, long>(new float[8 * samples], [8], new long[samples], []), Batch);
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        long peak = 0;
        Trainer trainer = new(model, Classify, optimizer, data)
        {
            AccumulateSteps = accumulate,
            Average = averages,
            Precision = precision,
            MaxGradientNorm = 1,
            MaxGradient = 0.1,
            Callbacks = [new AtStep(1, _ => pool.ResetPeak()), new AtStep(2, _ => peak = pool.Statistics.PeakBytes)],
        };
        StepMemory plan = TrainingPlan.For(trainer).At(Batch);
        long before = pool.Statistics.LiveBytes - plan.Parameters - plan.Buffers - plan.Averages;
        trainer.Fit(1);
        Assert.That(plan.Averages, Is.EqualTo(average ? plan.Parameters : 0));
        Assert.That(plan.Peak, Is.EqualTo(peak - before).Within(5).Percent);
    }

    [Test]
    public void Parts_are_what_the_tensors_hold()
    {
        using Sequential model = new(new Linear(4, 8), new BatchNorm1D(8), new Linear(8, 2));
        using Adam optimizer = new(model.Parameters());
        model.Children[0].Module.Freeze();
        StepMemory memory = TrainingPlan.For(model, Classify, optimizer, new(DType.Float32, [4]), _class).At(3);
        long all = 4 * 8 + 8 + 8 + 8 + 8 * 2 + 2, trained = all - 4 * 8 - 8;
        Assert.Multiple(() =>
        {
            Assert.That(memory.Parameters, Is.EqualTo(4 * all));
            Assert.That(memory.Gradients, Is.EqualTo(4 * trained));
            Assert.That(memory.OptimizerState, Is.EqualTo(2 * 4 * trained));
            Assert.That(memory.Samples, Is.EqualTo(3 * (4 * 4 + 8)));
            Assert.That(memory.Buffers, Is.EqualTo(model.NamedBuffers().Sum(entry => entry.Buffer.Count * entry.Buffer.DType.Size)).And.Positive);
            Assert.That(memory.Activations, Is.Positive);
            Assert.That(memory.Peak, Is.GreaterThan(memory.Parameters + memory.OptimizerState + memory.Activations));
        });
        Assert.That(memory.ToString(), Does.Contain("batch of 3").And.Contain("activations").And.Contain("peak of a step"));
    }

    [Test]
    public void The_largest_batch_fits_and_the_next_does_not()
    {
        using CharLstm model = new(Vocabulary, hidden: 64);
        using AdamW optimizer = new(model.Parameters());
        TrainingPlan plan = TrainingPlan.For(model, ReadOn, optimizer, _text, _text);
        long bytes = plan.At(37).Peak;
        Assert.That(plan.LargestBatch(bytes), Is.EqualTo(37));
        Assert.That(plan.LargestBatch(bytes - 1), Is.EqualTo(36));
        Assert.That(plan.LargestBatch(plan.At(1).Peak), Is.EqualTo(1));
        Assert.That(plan.LargestBatch(plan.At(1).Peak - 1), Is.Zero);
        Assert.That(plan.LargestBatch(), Is.GreaterThan(37));
    }

    [Test]
    public void A_batch_that_no_machine_holds_is_planned_without_its_memory()
    {
        using ResNet18 model = new(10);
        using Sgd optimizer = new(model.Parameters(), 0.01);
        TrainingPlan plan = TrainingPlan.For(model, Classify, optimizer, new(DType.Float32, [3, 224, 224]), _class);
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        pool.ResetPeak();
        long before = pool.Statistics.LiveBytes;
        Assert.That(plan.At(1 << 16).Peak, Is.GreaterThan(1L << 40));
        Assert.That(pool.Statistics.PeakBytes, Is.EqualTo(before));
    }

    [Test]
    public void A_plan_leaves_no_trace()
    {
        using TinyTask task = new();
        task.Trainer.Fit(epochs: 1);
        Module model = task.Model;
        Tensor parameter = model.Parameters()[0];
        parameter.Grad = Tensor.Ones(parameter.Shape);
        model.Eval();
        using OptimizerState before = task.Optimizer.SaveState();
        (MemoryBuffer Buffer, float[] Values)[] tensors = [.. Floats(model)];
        GeneratorState[] streams = [.. model.NamedGenerators().Select(entry => entry.Generator.State)];
        TrainingPlan plan = TrainingPlan.For(task.Trainer);
        plan.At(8);
        Assert.That(plan.LargestBatch(1 << 20), Is.GreaterThan(8));
        Assert.Throws<ShapeException>(() => TrainingPlan.For(task.Model, Classify, task.Optimizer, new(DType.Float32, [3]), _class).At(8));

        using OptimizerState after = task.Optimizer.SaveState();
        Assert.That(after.Numbers, Is.EqualTo(before.Numbers));
        foreach ((string name, Tensor state) in before.Tensors) Assert.That(after.Tensors[name].ToArray<float>(), Is.EqualTo(state.ToArray<float>()));
        Assert.That(Floats(model).Select(entry => entry.Buffer), Is.EqualTo(tensors.Select(entry => entry.Buffer)));
        Assert.That(Floats(model).Select(entry => entry.Values), Is.EqualTo(tensors.Select(entry => entry.Values)));
        Assert.That(model.NamedGenerators().Select(entry => entry.Generator.State), Is.EqualTo(streams));
        Assert.That(parameter.Grad.ToArray<float>(), Is.All.EqualTo(1f));
        Assert.That(model.Parameters().Skip(1).Select(other => other.Grad), Is.All.Null);
        Assert.That(model.IsTraining, Is.False);
        parameter.Grad = null;
    }

    [Test]
    public void What_goes_by_numbers_is_refused_by_name()
    {
        using Linear model = new(4, 2);
        using Sgd optimizer = new(model.Parameters(), 0.1);
        SampleSpec four = new(DType.Float32, [4]), two = new(DType.Float32, [2]);
        TrainingPlan selects = TrainingPlan.For(model, (y, t) => y.MaskedSelect(t > 0).Sum(), optimizer, four, two);
        Assert.That(() => selects.At(3), Throws.TypeOf<PlanException>().With.Message.Contains("Nonzero").And.Message.Contains("[3, 2]"));
        TrainingPlan reads = TrainingPlan.For(model, (y, t) => (y - t).Sum() * y.Max().ToDouble(), optimizer, four, two);
        Assert.That(() => reads.At(3), Throws.TypeOf<PlanException>().With.Message.Contains("reads the values"));
    }

    [Test]
    public void Parameters_outside_the_model_are_refused()
    {
        using Linear model = new(4, 2);
        using Tensor other = Tensor.Parameter([2], name: "temperature");
        using Sgd both = new([.. model.Parameters(), other], 0.1), own = new(model.Parameters(), 0.1);
        SampleSpec four = new(DType.Float32, [4]), two = new(DType.Float32, [2]);
        Assert.That(() => TrainingPlan.For(model, (y, t) => (y - t).Sum(), both, four, two).At(3), Throws.ArgumentException.With.Message.Contains("temperature"));
        Assert.That(() => TrainingPlan.For(model, (y, t) => (y * other - t).Sum(), own, four, two).At(3), Throws.ArgumentException.With.Message.Contains("temperature"));
        Assert.That(other.Grad, Is.Null);
    }

    [Test]
    public void Constants_of_the_loss_may_lie_anywhere()
    {
        using Linear model = new(4, 2);
        using Nesterov optimizer = new(model.Parameters(), 0.1);
        Tensor weights = Tensor.From(1f, 2f);
        TrainingPlan plan = TrainingPlan.For(model, (y, t) => ((y - t) * weights).Sum(), optimizer, new(DType.Float32, [4]), new(DType.Float32, [2]));
        Assert.That(plan.At(3).Peak, Is.Positive);
    }

    [Test]
    public void Wrong_batches_and_shapes_are_refused()
    {
        using Linear model = new(4, 2);
        using Sgd optimizer = new(model.Parameters(), 0.1);
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingPlan.For(model, Classify, optimizer, new(DType.Float32, [4]), _class).At(0));
        Assert.That(() => TrainingPlan.For(model, Classify, optimizer, new(DType.Float32, [5]), _class).At(3), Throws.TypeOf<ShapeException>().With.Message.Contains("[3, 5]"));
        Assert.That(() => TrainingPlan.For(model, (y, t) => y, optimizer, new(DType.Float32, [4]), _class).At(3), Throws.TypeOf<ShapeException>().With.Message.Contains("Backward"));
    }

    private static Tensor Classify(Tensor y, Tensor t) => Loss.CrossEntropy(y, t);

    private static Tensor ReadOn(Tensor y, Tensor t) => Loss.CrossEntropy(y.Reshape(-1, Vocabulary), t.Reshape(-1));

    private static IEnumerable<(MemoryBuffer Buffer, float[] Values)> Floats(Module model)
        => model.StateDictionary().Values.Where(tensor => tensor.DType == DType.Float32).Select(tensor => (tensor.Buffer, tensor.ToArray<float>()));

    /// <summary>What the pool counts beyond what was alive, in the second of two real steps.</summary>
    private static void CheckPeak(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, Optimizer optimizer, SampleSpec input, SampleSpec target, int batch)
    {
        StepMemory plan = TrainingPlan.For(model, loss, optimizer, input, target).At(batch);
        MemoryPool pool = CpuAccelerator.Instance.Pool;
        long own = plan.Parameters + plan.Buffers, before = pool.Statistics.LiveBytes - own, saved = 0;
        Tensor x = Tensor.Zeros([batch, .. input.Shape.Span], input.DType), t = Tensor.Zeros([batch, .. target.Shape.Span], target.DType);
        for (int step = 0; step < 2; step++)
        {
            pool.ResetPeak();
            using (Tape tape = new())
            {
                Tensor value = loss(model.Forward(x), t);
                saved = tape.SavedBytes;
                tape.Backward(value);
            }

            optimizer.Step();
            optimizer.ZeroGrad();
        }

        long peak = pool.Statistics.PeakBytes - before;
        TestContext.Out.WriteLine($"{model} at {batch}: measured {peak:N0}, foreseen {plan.Peak:N0} ({100.0 * plan.Peak / peak - 100:F2} %); saved {saved:N0}, foreseen {plan.Activations:N0}");
        Assert.That(plan.Activations, Is.EqualTo(saved));
        Assert.That(plan.Peak, Is.EqualTo(peak).Within(1).Percent);
    }
}
