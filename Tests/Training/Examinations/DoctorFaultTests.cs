using Gradwright.Layers;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Faults are planted in models of many kinds; the doctor has to name them, and nothing in healthy ones.</summary>
[InTensorScope]
public sealed class DoctorFaultTests
{
    private static IEnumerable<TestCaseData> Healthy => Names(Fault.None);
    private static IEnumerable<TestCaseData> RateTimes100 => Names(Fault.RateTimes100);
    private static IEnumerable<TestCaseData> RateOver1000 => Names(Fault.RateOver1000);
    private static IEnumerable<TestCaseData> ZeroInitialisation => Names(Fault.ZeroInitialisation);
    private static IEnumerable<TestCaseData> LabelsShuffled => Names(Fault.LabelsShuffled);
    private static IEnumerable<TestCaseData> SoftmaxTwice => Names(Fault.SoftmaxTwice);
    private static IEnumerable<TestCaseData> DeadLayer => Names(Fault.DeadLayer);
    private static IEnumerable<TestCaseData> WrongGradient => Names(Fault.WrongGradient);

    [TestCaseSource(nameof(Healthy))]
    public void Healthy_trainings_raise_no_alarm(string task)
    {
        Diagnosis diagnosis = Examine(task, Fault.None);
        Assert.That(diagnosis.IsHealthy, $"{diagnosis}");
    }

    [TestCaseSource(nameof(RateTimes100))]
    public void A_rate_that_is_100_times_too_high_is_named(string task) => Named(task, Fault.RateTimes100, FindingKind.RateTooHigh);

    [TestCaseSource(nameof(RateOver1000))]
    public void A_rate_that_is_1000_times_too_low_is_named(string task) => Named(task, Fault.RateOver1000, FindingKind.RateTooLow);

    [TestCaseSource(nameof(ZeroInitialisation))]
    public void Weights_that_start_at_zero_are_named(string task) => Named(task, Fault.ZeroInitialisation, FindingKind.ZeroInitialisation);

    [TestCaseSource(nameof(LabelsShuffled))]
    public void Targets_of_other_samples_are_named(string task) => Named(task, Fault.LabelsShuffled, FindingKind.LabelsUnlearnable);

    [TestCaseSource(nameof(SoftmaxTwice))]
    public void A_second_softmax_or_sigmoid_is_named(string task)
        => Named(task, Fault.SoftmaxTwice, TaskSet.Containing(task).Of(task, false).Second is Sigmoid ? FindingKind.SigmoidTwice : FindingKind.SoftmaxTwice);

    [TestCaseSource(nameof(DeadLayer))]
    public void A_dead_layer_is_named_with_its_place(string task)
        => Assert.That(Named(task, Fault.DeadLayer, FindingKind.DeadLayer).Where, Does.Contain("ReLU"));

    [TestCaseSource(nameof(WrongGradient))]
    public void A_wrong_gradient_is_named_with_its_layer(string task)
    {
        Finding finding = Named(task, Fault.WrongGradient, FindingKind.WrongGradient);
        Assert.That(finding.Where, Does.Contain(TaskSet.Containing(task).Layer));
        Assert.That(finding.Observation, Does.Contain(TaskSet.Containing(task).Function));
    }

    // It comes first, and nothing else is called a fault.
    private static Finding Named(string task, Fault fault, FindingKind kind)
    {
        Diagnosis diagnosis = Examine(task, fault);
        Assert.That(diagnosis.Findings, Is.Not.Empty, $"{diagnosis}");
        Assert.That(diagnosis.Findings[0].Kind, Is.EqualTo(kind), $"{diagnosis}");
        Assert.That(diagnosis.Findings.Count(finding => finding.Kind != kind && finding.Severity == FindingSeverity.Fault), Is.Zero, $"{diagnosis}");
        return diagnosis.Findings[0];
    }

    private static Diagnosis Examine(string name, Fault fault)
    {
        using PlantedTask task = TaskSet.Containing(name).Create(name, fault);
        return Doctor.Examine(task.Model, task.LossFunction, task.Data, new() { Optimizer = task.Optimizer });
    }

    private static IEnumerable<TestCaseData> Names(Fault fault) => TaskSet.All.SelectMany(set => set.With(fault)).Select(task => new TestCaseData(task));
}
