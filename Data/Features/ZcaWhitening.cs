namespace Gradwright.Data;

/// <summary>ZCA whitening of pictures on their way into a batch: see <see cref="Whitening"/>. It keeps their form, and comes where <see cref="Normalize"/> would.</summary>
/// <param name="whitening">Fitted to training pictures as they arrive here, so after any cropping and resizing.</param>
public sealed class ZcaWhitening(Whitening whitening) : ImageTransform
{
    public override ImageShape ResultOf(ImageShape input)
    {
        whitening.Components.RequireValues(input.Count);
        return input;
    }

    public override void Apply(ImageCanvas picture, Generator random) => whitening.ZcaInPlace(picture.Pixels);

    public override string ToString() => $"ZcaWhitening({whitening})";
}
