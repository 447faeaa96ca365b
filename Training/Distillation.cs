using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// A teacher whose scores a student learns beside the true classes (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015): a larger model, or an
/// <see cref="Ensemble"/>. The loss is (1 − weight) · hard + weight · T² · KL(teacher ‖ student), both softmaxes at temperature T.
/// </summary>
/// <example><code>
/// var trainer = new Trainer(student, (y, t) => Loss.CrossEntropy(y, t), optimizer, data) { Distillation = new(teacher, temperature: 4, weight: 0.9) };
/// </code></example>
/// <remarks>
/// The teacher runs in evaluation mode and without recording, on the same batch as the student (mixed, where there is <see cref="Trainer.Mixup"/>); it still belongs to the caller
/// and must not share modules with the student. Validation measures the hard loss alone.
/// </remarks>
public sealed class Distillation
{
    private readonly Module<Tensor, Tensor> _teacher;

    /// <param name="teacher">Maps inputs to scores of the student's shape, [batch, classes, …].</param>
    /// <param name="temperature">Above 1 it shows how the teacher ranks the wrong classes.</param>
    /// <param name="weight">Of the teacher's part, 0 to 1; 1 leaves the true classes out.</param>
    public Distillation(Module<Tensor, Tensor> teacher, double temperature = 2, double weight = 0.5)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        if (!(temperature > 0 && double.IsFinite(temperature))) throw new ArgumentOutOfRangeException(nameof(temperature), temperature, $"Distillation: the temperature must be positive, but is {temperature}; 2 to 5 are usual.");
        if (weight is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(weight), weight, $"Distillation: the weight of the teacher must lie between 0 and 1, but is {weight}.");
        (_teacher, Temperature, Weight) = (teacher, temperature, weight);
    }

    /// <summary>T of both softmaxes.</summary>
    public double Temperature { get; }

    /// <summary>Of the teacher's part.</summary>
    public double Weight { get; }

    /// <summary>The whole loss of a batch.</summary>
    /// <param name="input">What the student saw.</param>
    /// <param name="student">Its scores, [batch, classes, …].</param>
    /// <param name="hardLoss">Its loss by the true classes, [].</param>
    public Tensor Loss(Tensor input, Tensor student, Tensor hardLoss)
    {
        ArgumentNullException.ThrowIfNull(hardLoss);
        using TensorScope scope = new();
        Tensor soft = Layers.Loss.Distillation(student, Ask(input), Temperature);
        return TensorScope.Keep(Weight == 1 ? soft : hardLoss * (1 - Weight) + soft * Weight);
    }

    public override string ToString() => $"Distillation({_teacher}, temperature: {Temperature}, weight: {Weight})";

    private Tensor Ask(Tensor input)
    {
        if (_teacher.IsTraining) _teacher.Eval();
        using Tape.Pause pause = Tape.NoRecord();
        return _teacher.Forward(input);
    }
}
