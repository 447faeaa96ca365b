using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>Fills batches on one of a loader's background threads, in memory of its own that it uses again and again. Touches host memory only.</summary>
/// <param name="dataset">Where samples come from.</param>
/// <param name="size">The most samples in a batch.</param>
/// <param name="change">Changes each input in place, or null.</param>
/// <param name="transform">Makes each input another picture, or null.</param>
internal sealed class BatchFiller(IDataset dataset, int size, SampleTransform? change, ImageTransform? transform)
{
    private readonly byte[] _raw = transform is null || dataset.KeepsSizes ? [] : GC.AllocateUninitializedArray<byte>(checked((int)(size * dataset.Input.ByteLength)));
    private readonly ImageCanvas _canvas = new();
    private readonly Generator _epoch = new(), _random = new();

    /// <summary>Writes the samples with these numbers, transformed.</summary>
    /// <param name="batch">Where to.</param>
    /// <param name="indices">Which.</param>
    /// <param name="seed">The loader's.</param>
    /// <param name="epoch">Epochs completed.</param>
    /// <param name="position">The batch's place in the epoch where a sample may occur several times in it, so that it is not changed twice in the same way; else null.</param>
    public void Fill(HostBatch batch, ReadOnlySpan<long> indices, ulong seed, long epoch, long? position)
    {
        batch.Count = indices.Length;
        if (!dataset.KeepsSizes)
        {
            int inputBytes = (int)(indices.Length * dataset.Input.ByteLength), targetBytes = (int)(indices.Length * dataset.Target.ByteLength);
            dataset.Gather(indices, transform is null ? batch.Inputs[..inputBytes] : _raw.AsSpan(0, inputBytes), batch.Targets[..targetBytes]);
        }

        if (change is null && transform is null) return;
        _epoch.BecomeFork(new Generator(seed).Fork("transform"), (ulong)epoch);
        Shape shape = dataset.Input.Shape;
        Span<float> values = MemoryMarshal.Cast<byte, float>(batch.Inputs);
        int length = transform is null ? (int)shape.Count : values.Length / size;
        for (int i = 0; i < indices.Length; i++)
        {
            _random.BecomeFork(_epoch, (ulong)indices[i]);
            if (position is { } from) _random.BecomeFork(_random, (ulong)(from + i));
            Span<float> result = values.Slice(i * length, length);
            if (transform is not null) Load(i, indices[i], batch);
            try
            {
                if (transform is null) change!(result, shape, _random);
                else Transform(result);
            }
#pragma warning disable CA1031 // thrown again, with the sample's name
            catch (Exception e)
#pragma warning restore CA1031
            {
                throw new SampleException($"DataLoader: {dataset.NameOf(indices[i])} could not be transformed in epoch {epoch + 1}{(transform is null ? "" : $" by {transform}")}: {e.Message}", e);
            }
        }
    }

    // Puts the sample on the canvas.
    private void Load(int i, long index, HostBatch batch)
    {
        if (dataset.KeepsSizes)
        {
            int targetBytes = (int)dataset.Target.ByteLength;
            dataset.Load(index, _canvas, batch.Targets.Slice(i * targetBytes, targetBytes));
            return;
        }

        ImageShape shape = ImageShape.Of(dataset.Input.Shape, nameof(DataLoader));
        ReadOnlySpan<byte> raw = _raw.AsSpan((int)(i * dataset.Input.ByteLength), (int)dataset.Input.ByteLength);
        if (dataset.Input.DType == DType.UInt8) _canvas.Load(raw, shape);
        else _canvas.Load(MemoryMarshal.Cast<byte, float>(raw), shape);
    }

    private void Transform(Span<float> result)
    {
        ImageShape shape = _canvas.Shape, announced = transform!.ResultOf(ImageShape.Of(dataset.Input.Shape, nameof(DataLoader)));
        if (dataset.KeepsSizes) transform.ResultOf(shape);          // refuses what does not fit, with advice
        transform.Apply(_canvas, _random);
        if (_canvas.Shape != announced)
            throw new ShapeException($"it announced pictures {announced} and made one {_canvas.Shape} of one {shape}. {(dataset.KeepsSizes ? "Where pictures keep their sizes, begin with a transform that makes one size of all, such as RandomResizedCrop or Resize." : "Let Apply and ResultOf agree.")}");
        _canvas.Pixels.CopyTo(result);
    }
}
