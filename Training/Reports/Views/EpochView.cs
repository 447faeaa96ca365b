namespace Gradwright.Training;

/// <summary>What a model is like after an epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="OfValidation">Whether validation samples were looked at; otherwise there are none, and it was training samples.</param>
/// <param name="Looked">How many samples were looked at.</param>
/// <param name="Confusion">How often each class was taken for which, if the model tells classes apart.</param>
/// <param name="Samples">Those that it got most wrong, the worst first.</param>
/// <param name="Filters">The first layer, if it can be seen.</param>
/// <param name="Parameters">Every parameter.</param>
/// <param name="Activations">The results of layers.</param>
public sealed record EpochView(long Epoch, bool OfValidation, long Looked, ConfusionView? Confusion, IReadOnlyList<SampleView> Samples, FilterView? Filters,
    IReadOnlyList<ParameterView> Parameters, IReadOnlyList<ActivationView> Activations);
