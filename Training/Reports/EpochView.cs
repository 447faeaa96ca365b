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

/// <summary>A confusion matrix as numbers.</summary>
/// <param name="Classes">How many classes there are.</param>
/// <param name="Counts">[target, prediction], row by row.</param>
public sealed record ConfusionView(int Classes, IReadOnlyList<long> Counts);

/// <summary>A sample, and what the model makes of it.</summary>
/// <param name="Picture">The input, if it is a picture.</param>
/// <param name="Target">Its class.</param>
/// <param name="Prediction">The most probable class.</param>
/// <param name="Probability">Of the prediction.</param>
/// <param name="TargetProbability">Of the right class.</param>
public sealed record SampleView(ReportPicture? Picture, long Target, long Prediction, double Probability, double TargetProbability);

/// <summary>The weights of the first layer as a picture.</summary>
/// <param name="Picture">A tile for each.</param>
/// <param name="Caption">What the tiles are.</param>
public sealed record FilterView(ReportPicture Picture, string Caption);

/// <summary>A parameter.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its elements after the epoch.</param>
/// <param name="Gradients">Those of the epoch's last step, after clipping; null where it had no gradient.</param>
public sealed record ParameterView(string Name, string Shape, TensorHistogram Values, TensorHistogram? Gradients);

/// <summary>The results of a layer.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Layer">What it is.</param>
/// <param name="Values">Its results for some samples.</param>
/// <param name="Zeros">The share of zeros among them.</param>
/// <param name="Units">Its features or channels.</param>
/// <param name="Dead">Of a rectifier: units that were zero for every sample; null for other layers.</param>
/// <param name="Saturated">Of a sigmoid or hyperbolic tangent: the share of results that are so near to the end of the range that hardly any gradient passes; null for other layers.</param>
public sealed record ActivationView(string Name, string Layer, TensorHistogram Values, double Zeros, long Units, long? Dead, double? Saturated);
