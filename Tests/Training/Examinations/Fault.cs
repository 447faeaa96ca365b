namespace Gradwright.Tests.Training.Examinations;

/// <summary>A mistake that is planted.</summary>
public enum Fault
{
    None,
    RateTimes100,
    RateOver1000,
    ZeroInitialisation,
    LabelsShuffled,
    SoftmaxTwice,
    DeadLayer,
    WrongGradient,
}
