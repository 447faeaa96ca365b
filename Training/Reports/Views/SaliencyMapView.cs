namespace Gradwright.Training;

/// <summary>A saliency map.</summary>
/// <param name="Method">How it was made.</param>
/// <param name="Picture">As large as the input's picture.</param>
public sealed record SaliencyMapView(string Method, ReportPicture Picture);
