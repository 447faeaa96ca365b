namespace Gradwright.Models;

/// <summary>How a residual network begins.</summary>
public enum ResNetStem
{
    /// <summary>A 7×7 convolution and a pooling, each halving height and width: for photographs, 224×224.</summary>
    Large,

    /// <summary>A 3×3 convolution that keeps height and width: for small images, 32×32.</summary>
    Small,
}
