namespace Gradwright;

/// <summary>How values between pixels are found.</summary>
public enum Interpolation
{
    /// <summary>The nearest pixel's value.</summary>
    Nearest,

    /// <summary>Along each axis linearly between the two neighbours: bilinear in images, trilinear in volumes.</summary>
    Linear,
}
