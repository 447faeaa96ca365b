namespace Gradwright.Data;

/// <summary>How pictures of any size come to one size.</summary>
public enum PictureFit
{
    /// <summary>Every picture must have the size already; others count as broken.</summary>
    Exact,

    /// <summary>Width and height are changed each by itself: nothing is lost, shapes are distorted.</summary>
    Stretch,

    /// <summary>The largest part in the middle that has the right proportions; the rest is cut off.</summary>
    CropCentre,

    /// <summary>The whole picture in the middle, black beside or above and below it.</summary>
    Pad,

    /// <summary>
    /// Every picture keeps its size, and the loader's transform, such as <see cref="RandomResizedCrop"/>, makes one of all: what networks for photographs are commonly trained
    /// with. The width and height asked for are what the transform is to expect of a picture when it announces its results. A loader's workers decode, each a batch.
    /// </summary>
    Original,
}
