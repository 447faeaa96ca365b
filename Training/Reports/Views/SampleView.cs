namespace Gradwright.Training;

/// <summary>A sample, and what the model makes of it.</summary>
/// <param name="Picture">The input, if it is a picture.</param>
/// <param name="Target">Its class.</param>
/// <param name="Prediction">The most probable class.</param>
/// <param name="Probability">Of the prediction.</param>
/// <param name="TargetProbability">Of the right class.</param>
public sealed record SampleView(ReportPicture? Picture, long Target, long Prediction, double Probability, double TargetProbability);
