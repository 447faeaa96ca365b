namespace Gradwright.Examples.Examination;

/// <summary>A mistake to plant in a task that works.</summary>
internal enum PlantedFault
{
    None,
    RateTooHigh,
    RateTooLow,
    ZeroInitialisation,
    ShuffledLabels,
    SoftmaxTwice,
    DeadLayer,
    WrongGradient,
    RawPixels,
}
