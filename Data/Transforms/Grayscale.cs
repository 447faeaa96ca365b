namespace Gradwright.Data;

/// <summary>Pictures by their luminance alone (ITU-R BT.601). With three equal channels it keeps the form, as <see cref="RandomApply"/> needs.</summary>
public sealed class Grayscale : ImageTransform
{
    private readonly int _channels;

    /// <summary>Gray pictures.</summary>
    /// <param name="channels">Channels of the result, all equal: 1 or 3.</param>
    public Grayscale(int channels = 1) => _channels = channels is 1 or 3 ? channels
        : throw new ArgumentOutOfRangeException(nameof(channels), channels, $"{nameof(Grayscale)}: gray pictures have 1 channel, or 3 equal ones, but {channels} were asked for.");

    public override ImageShape ResultOf(ImageShape input) => input.Channels is 1 or 3 ? input with { Channels = _channels }
        : throw new ShapeException($"{this}: luminance is that of red, green and blue, but the pictures are {input}. Give pictures of 1 or 3 channels.");

    public override void Apply(ImageCanvas picture, Generator random)
    {
        ImageShape was = picture.Shape;
        Span<float> source = picture.Pixels, result = picture.Begin(was with { Channels = _channels }), first = result[..was.Plane];
        if (was.Channels == 1) source.CopyTo(first);
        else
            for (int i = 0; i < first.Length; i++) first[i] = Colours.Gray(source[i], source[was.Plane + i], source[2 * was.Plane + i]);
        for (int c = 1; c < _channels; c++) first.CopyTo(result[(c * was.Plane)..]);
        picture.Commit();
    }

    public override string ToString() => $"Grayscale({_channels})";
}
