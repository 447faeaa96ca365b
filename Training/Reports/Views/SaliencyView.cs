namespace Gradwright.Training;

/// <summary>A sample beside what the model looks at in it.</summary>
/// <param name="Picture">The input.</param>
/// <param name="Target">Its class.</param>
/// <param name="Prediction">The most probable class, which the maps are about.</param>
/// <param name="Probability">Of the prediction.</param>
/// <param name="Maps">By different methods.</param>
public sealed record SaliencyView(ReportPicture Picture, long Target, long Prediction, double Probability, IReadOnlyList<SaliencyMapView> Maps);
