using Gradwright.Data;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>What a <see cref="Doctor"/> is told, and how long it may look. The defaults suit a model that has not been trained yet.</summary>
public sealed record DoctorOptions
{
    private const int Few = 8;

    /// <summary>The optimizer whose rate is to be judged; null leaves that check out. It is used on a copy of the weights and set back.</summary>
    public Optimizer? Optimizer { get; init; }

    /// <summary>How the training limits the norm of the gradients, so that its rate is judged with that; null: not at all.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>Samples that are not among the training data; null holds back a third of the samples that are looked at.</summary>
    public DataLoader? Validation { get; init; }

    /// <summary>The loss of a model that knows nothing; null infers it where the loss is a cross-entropy or a hinge loss.</summary>
    public double? ExpectedInitialLoss { get; init; }

    /// <summary>What the training adds to the loss, such as <c>() => Regularizer.L2(weights, 1e-4)</c>; null: nothing.</summary>
    public Func<Tensor>? Penalty { get; init; }

    /// <summary>The model has been trained: its first loss may be low, and its activations saturated.</summary>
    public bool IsTrained { get; init; }

    /// <summary>Curves to be read as well; null: none.</summary>
    public TrainingHistory? History { get; init; }

    /// <summary>The losses of single steps, from <see cref="StepLosses"/>.</summary>
    public IReadOnlyList<double> Steps { get; init; } = [];

    /// <summary>What to look at.</summary>
    public DoctorChecks Checks { get; init; } = DoctorChecks.All;

    /// <summary>Training samples to look at; as many of <see cref="Validation"/> at most.</summary>
    public int Samples { get; init => field = Least(value, nameof(Samples)); } = 512;

    /// <summary>The most steps that learning twenty samples may take, for each of three rates.</summary>
    public int OverfitSteps { get; init => field = Least(value, nameof(OverfitSteps)); } = 300;

    /// <summary>Steps of the trial training that asks whether the targets can be learnt.</summary>
    public int LabelSteps { get; init => field = Least(value, nameof(LabelSteps)); } = 240;

    /// <summary>Steps with each rate that is tried.</summary>
    public int RateSteps { get; init => field = Least(value, nameof(RateSteps)); } = 40;

    /// <summary>Forward passes for finite differences, about; each parameter gets 2 elements at least.</summary>
    public int GradientEvaluations { get; init => field = Least(value, nameof(GradientEvaluations)); } = 400;

    /// <summary>Checks that would begin later than this after the start are left out, and named in <see cref="Diagnosis.Skipped"/>; null: none. One that has begun is finished.</summary>
    public TimeSpan? Budget
    {
        get;
        init => field = value is null || value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Budget), value, $"DoctorOptions: {nameof(Budget)} is {value}, but must not be negative.");
    }

    /// <summary>Chooses samples and elements: the same seed gives the same findings.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The clock that the budget is measured by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    private static int Least(int value, string name) => value >= Few ? value
        : throw new ArgumentOutOfRangeException(name, value, $"DoctorOptions: {name} is {value}, too few to tell anything; the least is {Few}. {nameof(Checks)} leaves checks out.");
}
