using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Does what one should do before a long training and hardly ever does by hand: looks at the data and the first loss, into the layers, at the gradients; tries whether the model
/// learns a few samples by heart, whether the targets can be learnt at all, whether the rate fits. Each finding comes with its place, numbers and advice.
/// </summary>
/// <example><code>
/// Diagnosis diagnosis = Doctor.Examine(model, (y, t) => Loss.CrossEntropy(y, t), data, new() { Optimizer = optimizer });
/// Console.WriteLine(diagnosis);
/// </code></example>
/// <remarks>
/// Everything is tried on copies: the model's parameters, gradients, buffers, random streams and modes, the optimizer and the loaders are afterwards as they were, bit for bit
/// (state that a module keeps in other fields is not seen). The same seed gives the same findings. docs/doctor.md tells what each check does and what it cannot see.
/// </remarks>
public static class Doctor
{
    private const int LeastHeld = 3;        // one sample of so many is held back

    /// <summary>Examines a model with its loss and data.</summary>
    /// <param name="model">Maps a batch of inputs to predictions. One that infers its sizes is built.</param>
    /// <param name="loss">(prediction, target) → [], the batch's mean loss.</param>
    /// <param name="data">Training data; shuffled, unless its order is random anyway.</param>
    /// <param name="options">What else is known.</param>
    /// <exception cref="ArgumentException">Model, loss and data do not fit together; as in training.</exception>
    public static Diagnosis Examine(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, DataLoader data, DoctorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        using TensorScope scope = new();
        Sample all = Sample.From(data, options.Samples), held;
        Tensor ordered = all.Target;
        if (options.Validation is null)
        {
            long[] order = Order(all.Count, options.Seed);
            int kept = all.Count - all.Count / LeastHeld;
            (held, all) = (all.At(order.AsSpan(kept)), all.At(order.AsSpan(0, kept)));
        }
        else held = Sample.From(options.Validation, options.Samples);

        Patient patient = new(model, loss, all, held, ordered, Math.Min(data.BatchSize, all.Count), options);
        Examine(patient);
        string subject = model.Children.Count == 0 ? model.ToString()! : model.GetType().Name;
        IEnumerable<Finding> curves = options.History is { } history ? Read(history, options.Steps).Findings : [];
        return Diagnosis.Of(subject, [.. patient.Findings, .. curves], patient.Measurements, patient.Skipped);
    }

    /// <summary>Examines what a trainer is about to train, or has trained, with its optimizer, validation data and history.</summary>
    public static Diagnosis Examine(Trainer trainer, DoctorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        options ??= new();
        return Examine(trainer.Model, trainer.LossFunction, trainer.Data, options with
        {
            Optimizer = options.Optimizer ?? trainer.Optimizer,
            MaxGradientNorm = options.MaxGradientNorm ?? trainer.MaxGradientNorm,
            Validation = options.Validation ?? trainer.Validation,
            History = options.History ?? (trainer.History.Epochs.Count > 0 ? trainer.History : null),
            IsTrained = options.IsTrained || trainer.Step > 0,
        });
    }

    /// <summary>Reads the curves of a training: a rate that is too high, too low or decayed too early, over- and under-fitting.</summary>
    /// <param name="history">What the epochs came to.</param>
    /// <param name="steps">The losses of single steps, from <see cref="StepLosses"/>; they show spikes that means over epochs hide.</param>
    public static Diagnosis Read(TrainingHistory history, IReadOnlyList<double>? steps = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        string loss = history.Metrics[0];
        return Read(history.Training(loss), history.Validation(loss), [.. history.Epochs.Select(epoch => epoch.LearningRate)], steps);
    }

    /// <summary>Reads curves from elsewhere, a log for instance.</summary>
    /// <param name="training">The training loss of each epoch.</param>
    /// <param name="validation">The validation loss of each epoch; null without validation.</param>
    /// <param name="rates">The learning rate at the end of each epoch; null if unknown.</param>
    /// <param name="steps">The losses of single steps; null if unknown.</param>
    /// <exception cref="ArgumentException">There are not as many validation losses or rates as training losses.</exception>
    public static Diagnosis Read(IReadOnlyList<double> training, IReadOnlyList<double>? validation = null, IReadOnlyList<double>? rates = null, IReadOnlyList<double>? steps = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        foreach (IReadOnlyList<double>? other in (IReadOnlyList<double>?[])[validation, rates])
            if (other is not null && other.Count != training.Count)
                throw new ArgumentException($"Doctor.Read: there are {training.Count} training losses, but {other.Count} {(other == validation ? "validation losses" : "rates")}. Give one per epoch, or none.");
        return Diagnosis.Of($"{training.Count} epochs", CurveReader.Read([.. training], [.. validation ?? []], [.. rates ?? []], steps ?? []));
    }

    private static void Examine(Patient patient)
    {
        DoctorChecks checks = patient.Options.Checks;
        if (!DataCheck.Run(patient))
        {
            patient.Skipped.Add("everything else: the data are not finite.");
            return;
        }

        if (patient.Model.Walk().Any(entry => !entry.Module.IsBuilt)) patient.Model.Build(patient.Train.Rows(0, 1).Input);
        using (new Loan(patient.Model))
        using (new TensorScope())
        using (Tape.NoRecord())
        {
            Sample some = patient.Train.Rows(0, Math.Min(64, patient.Train.Count));
            Tensor output = patient.Model.Forward(some.Input);
            if (!DataCheck.TargetsFit(patient, output.Shape))
            {
                patient.Skipped.Add("everything else: the targets do not fit the outputs.");
                return;
            }

            patient.Reading = LossReading.Of(patient.Loss, output, some.Target, patient.Options.Seed);
        }

        DataCheck.Targets(patient);
        if (patient.Begins(DoctorChecks.InitialLoss, "the first loss")) LossChecks.Run(patient);
        if (!patient.Model.Parameters().Any(parameter => !parameter.IsFrozen))
        {
            patient.Skipped.Add("training: no parameter is trained.");
            return;
        }

        if (patient.Begins(DoctorChecks.Layers, "the layers")) LayerCheck.Run(patient);
        if (patient.Begins(DoctorChecks.Gradients, "gradients")) GradientExam.Run(patient);
        // Causes that any trial training would only show the consequences of.
        if (patient.Has(FindingKind.WrongGradient, FindingKind.ZeroInitialisation, FindingKind.IdenticalUnits, FindingKind.DeadLayer, FindingKind.SoftmaxTwice,
            FindingKind.SigmoidTwice, FindingKind.ConstantOutput))
        {
            if ((checks & (DoctorChecks.Overfit | DoctorChecks.Labels | DoctorChecks.Rate)) != 0) patient.Skipped.Add("trial trainings: what was found would spoil them. Mend it and ask again.");
            return;
        }

        if (patient.Begins(DoctorChecks.Overfit, "learning twenty samples by heart")) OverfitCheck.Run(patient);
        if (patient.Begins(DoctorChecks.Labels, "whether the targets can be learnt")) LabelCheck.Run(patient);
        if (patient.Options.Optimizer is not { } optimizer) return;
        if (patient.Has(FindingKind.LabelsUnlearnable)) patient.Skipped.Add("the rate: targets that cannot be learnt tell nothing about it. Mend them and ask again.");
        else if (patient.Begins(DoctorChecks.Rate, "the rate")) RateCheck.Run(patient, optimizer);
    }

    private static long[] Order(int count, ulong seed)
    {
        long[] order = new long[count];
        for (int i = 0; i < count; i++) order[i] = i;
        new Generator(seed).Fork("held back").Shuffle(order.AsSpan());
        return order;
    }
}
