namespace Gradwright.Data;

/// <summary>How an <see cref="ImageFolder"/>, or an <see cref="ImageList"/>, makes samples of files.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>The width of every sample, in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>The height of every sample, in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>How pictures come to that size.</summary>
    public required PictureFit Fit { get; init; }

    /// <summary>What to do about files that cannot be read.</summary>
    public OnBrokenFile OnBroken { get; init; } = OnBrokenFile.Refuse;

    /// <summary>3: RGB, gray pictures with three equal channels. 1: gray, colours by their luminance. Transparency is ignored.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>What is subtracted from each channel, of pixels scaled to 0 … 1; null: nothing.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>What each channel is divided by afterwards; null: nothing.</summary>
    public IReadOnlyList<float>? Deviation { get; init; }

    /// <summary>The most pixels a file may declare.</summary>
    public long MaxPixels { get; init; } = PictureLimits.MaxPixels;

    /// <summary>
    /// Whether large JPEG pictures that are resized to a quarter of their width and height, or less, are decoded 2, 4 or 8 times smaller: faster, and to samples that differ by a few levels
    /// at most.
    /// </summary>
    public bool ShrinkWhileDecoding { get; init; } = true;

    /// <summary>Threads that decode; 0: one per core. Samples do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Whether an <see cref="ImageFolder"/> also looks into the folders of class folders, at any depth: the class remains that of the first. Links to folders are not followed there.</summary>
    public bool Nested { get; init; }

    /// <summary>A picture from anywhere as the input of a model that has learnt from such a folder: a batch of one.</summary>
    /// <param name="path">A PNG or JPEG file.</param>
    /// <param name="transform">What the loader did to the pictures that the model was tested with, commonly <see cref="Normalize"/>.</param>
    /// <param name="accelerator">Where the input is to live; null: the default.</param>
    /// <returns>Float32 [1, channels, height, width].</returns>
    /// <exception cref="FormatException">The file is broken, or no picture.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ShapeException">The transform is for other pictures.</exception>
    public Tensor ReadInput(string path, ImageTransform? transform = null, Accelerator? accelerator = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Checked(this, nameof(ReadInput));
        ImageCanvas canvas = new();
        new PixelPlanes(this).Load(PictureFitting.Read(path, this), canvas);
        transform?.ResultOf(canvas.Shape);
        transform?.Apply(canvas, new Generator(0));
        return Tensor.From(canvas.Pixels.ToArray(), [1, .. canvas.Shape.ToShape()], accelerator);
    }

    /// <summary>The options, if samples can be made by them.</summary>
    internal static ImageFolderOptions Checked(ImageFolderOptions options, string caller)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Width < 1 || options.Height < 1 || options.Channels is not 1 and not 3 || options.Threads < 0)
            throw new ArgumentException($"{caller}: samples need a positive size, 1 or 3 channels and no negative number of threads, but {options.Width} × {options.Height}, " +
                $"{options.Channels} channels and {options.Threads} threads were asked for.");
        if ((options.Mean is not null && options.Mean.Count != options.Channels) || (options.Deviation is not null && (options.Deviation.Count != options.Channels || options.Deviation.Any(d => !(d > 0)))))
            throw new ArgumentException($"{caller}: {options.Channels} channels need as many means and positive deviations, but " +
                $"[{string.Join(", ", options.Mean ?? [])}] and [{string.Join(", ", options.Deviation ?? [])}] were given.");
        return options;
    }
}
