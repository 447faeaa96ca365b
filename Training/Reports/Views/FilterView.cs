namespace Gradwright.Training;

/// <summary>The weights of the first layer as a picture.</summary>
/// <param name="Picture">A tile for each.</param>
/// <param name="Caption">What the tiles are.</param>
public sealed record FilterView(ReportPicture Picture, string Caption);
