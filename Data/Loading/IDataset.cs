namespace Gradwright.Data;

/// <summary>
/// Samples with an input and a target of fixed type and shape, found by number. Reads into host memory, so that it can run while a step is computed.
/// </summary>
public interface IDataset
{
    /// <summary>Number of samples.</summary>
    long Count { get; }

    SampleSpec Input { get; }

    SampleSpec Target { get; }

    /// <summary>
    /// Writes the samples with these numbers one after another, row-major. A loader calls it from its background thread, with several workers from several threads at
    /// once; an exception, whatever it is, reaches the loader's user. It has to return: <see cref="DataLoader.Timeout"/> says how long a loader waits.
    /// </summary>
    /// <param name="indices">Numbers below <see cref="Count"/>.</param>
    /// <param name="inputs">Room for indices.Length inputs.</param>
    /// <param name="targets">Room for indices.Length targets.</param>
    void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets);

    /// <summary>What to call a sample in errors: its file, where it has one.</summary>
    string NameOf(long index) => $"sample {index}";

    /// <summary>
    /// Whether samples are pictures each of a size of its own, which a loader's <see cref="ImageTransform"/> brings to one: <see cref="Load"/> reads them, and
    /// <see cref="Input"/> is what the transform is asked about for the form of its results.
    /// </summary>
    bool KeepsSizes => false;

    /// <summary>Reads one sample of a data set that <see cref="KeepsSizes"/>; called as <see cref="Gather"/> is.</summary>
    /// <param name="index">A number below <see cref="Count"/>.</param>
    /// <param name="picture">Takes the picture, in 0 … 1 and in its own size.</param>
    /// <param name="target">Room for one target.</param>
    void Load(long index, ImageCanvas picture, Span<byte> target) => throw new NotSupportedException($"{GetType().Name}: all samples have one size, and Gather reads them.");
}
