using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>
/// Labelled pictures in files, PNG and JPEG, which stay on the disk and are decoded when a loader asks for them, on all cores. Input Float32 [channels, height, width] =
/// (pixel / 255 − mean) / deviation, target Int64 []. <see cref="ImageFolder"/> and <see cref="ImageList"/> say which files there are, and their labels.
/// </summary>
public abstract unsafe class ImageFiles : IDataset
{
    private readonly ImageFolderOptions _options;
    private readonly string[] _paths;
    private readonly int[] _labels;
    private readonly PixelPlanes _planes;

    private protected ImageFiles(ImageListing listing, ImageFolderOptions options)
    {
        _options = options;
        Input = new(DType.Float32, [options.Channels, options.Height, options.Width]);
        _planes = new(options);
        if (options.OnBroken == OnBrokenFile.Refuse && listing.Unreadable is [var unreadable, ..])
            throw new IOException($"{unreadable.Reason} To leave such folders out, set OnBroken = OnBrokenFile.Skip.");
        if (listing.Files.Any(f => !f.Path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))) JpegFile.RequireLibrary();
        string?[] faults = new string?[listing.Files.Count];
        InParallel(faults.Length, i => faults[i] = FaultOf(listing.Files[i].Path));
        if (options.OnBroken == OnBrokenFile.Refuse && Array.Find(faults, f => f is not null) is { } fault)
            throw new FormatException($"{fault} To leave such files out, set OnBroken = OnBrokenFile.Skip.");
        int[] kept = [.. Enumerable.Range(0, faults.Length).Where(i => faults[i] is null)];
        (string Path, string Reason)[] broken = [.. listing.Unreadable, .. listing.Files.Zip(faults).Where(f => f.Second is not null).Select(f => (f.First.Path, f.Second!))];
        if (kept.Length == 0)
            throw new FormatException($"{listing.Source}: expected pictures (.png, .jpg, .jpeg){(listing.Source == listing.Folder ? " in its class folders" : "")}, found none" +
                $"{(broken.Length > 0 ? $" but {broken.Length} that cannot be read; the first: {broken[0].Reason}" : ".")}");
        _paths = [.. kept.Select(i => listing.Files[i].Path)];
        _labels = [.. kept.Select(i => listing.Files[i].Label)];
        Classes = listing.Classes;
        int[] counts = new int[Classes.Count];
        foreach (int label in _labels) counts[label]++;
        Summary = new(listing.Folder, [.. Classes.Zip(counts)], broken, listing.Ignored);
    }

    /// <summary>The names of the classes; a class's label is its place here.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The label of each sample: for stratified splits and balanced samplers.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The file of each sample.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>What was found, and what was left out.</summary>
    public ImageFolderSummary Summary { get; }

    public long Count => _paths.Length;

    public SampleSpec Input { get; }

    public SampleSpec Target { get; } = new(DType.Int64, []);

    public bool KeepsSizes => _options.Fit == PictureFit.Original;

    public string NameOf(long index) => _paths[index];

    /// <summary>One sample's picture, in the size and with the channels of all.</summary>
    /// <exception cref="FormatException">The file is broken.</exception>
    public Picture Read(int index) => Decode(_paths[index]);

    /// <exception cref="FormatException">A file is broken: the first of them, in the order asked for.</exception>
    public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
    {
        Span<long> y = MemoryMarshal.Cast<byte, long>(targets);
        int size = (int)Input.Shape.Count, count = indices.Length;
        if (KeepsSizes)
            throw new InvalidOperationException($"{GetType().Name}: {Summary.Folder}: the pictures keep their own sizes (PictureFit.Original), so they are no samples without a loader's transform. " +
                "To learn from them all, as Normalize.FitChannels does, open the folder with another fit, or use Statistics().");
        if (inputs.Length < count * Input.ByteLength || y.Length < count)
            throw new ArgumentException($"{GetType().Name}: {count} samples take {count * Input.ByteLength} and {count * 8} bytes, but there is room " +
                $"for {inputs.Length} and {targets.Length}.");
        string[] paths = new string[count];
        for (int i = 0; i < count; i++) (paths[i], y[i]) = (_paths[indices[i]], _labels[indices[i]]);
        fixed (byte* start = inputs)
        {
            nint target = (nint)start;          // a lambda captures no pointer
            InParallel(count, i => _planes.Write(Decode(paths[i]), new Span<float>((float*)target + (long)i * size, size)));
        }
    }

    /// <exception cref="FormatException">The file is broken.</exception>
    public void Load(long index, ImageCanvas picture, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(picture);
        _planes.Load(Decode(_paths[index]), picture);
        MemoryMarshal.Write(target, (long)_labels[index]);
    }

    /// <summary>Mean and deviation of each channel over all pictures, of pixels scaled to 0 … 1, in the size of the samples: decodes every file once.</summary>
    public (float[] Mean, float[] Deviation) Statistics()
    {
        int channels = _options.Channels;
        var counts = new long[channels, 256];
        Lock gate = new();
        InParallel(_paths.Length, i =>
        {
            byte[] pixels = Read(i).Pixels;
            lock (gate)
                for (int j = 0; j < pixels.Length; j++) counts[j % channels, pixels[j]]++;
        });
        return PixelStatistics.Of(counts);
    }

    private Picture Decode(string path) => PictureFitting.Read(path, _options);

    // null, or why the file cannot be a sample.
    private string? FaultOf(string path)
    {
        try
        {
            if (_options.OnBroken == OnBrokenFile.Skip) Decode(path);
            else PictureFile.CheckStart(path);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path}: cannot be read: {e.Message}";
        }
    }

    // Throws what the first that failed threw, whatever the order in time.
    private void InParallel(int count, Action<int> work)
    {
        var failures = new ExceptionDispatchInfo?[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = _options.Threads == 0 ? Environment.ProcessorCount : _options.Threads }, i =>
        {
            try
            {
                work(i);
            }
#pragma warning disable CA1031 // thrown again below
            catch (Exception e)
#pragma warning restore CA1031
            {
                failures[i] = ExceptionDispatchInfo.Capture(e);
            }
        });
        Array.Find(failures, f => f is not null)?.Throw();
    }
}
