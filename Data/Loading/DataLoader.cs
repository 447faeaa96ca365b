using System.Collections;

namespace Gradwright.Data;

/// <summary>
/// Cuts a data set into batches, epoch after epoch, prepared ahead by one or several background threads. <c>foreach</c> goes from where the loader stands to the
/// end of the epoch; left early, the next one goes on there. The order is a function of seed and epoch alone, so a loader whose <see cref="State"/>
/// was saved and restored gives the very batches that were still to come.
/// <code>
/// using var loader = new DataLoader(new ImageDataset(images), batchSize: 64, shuffleSeed: 1);
/// while (loader.State.Epoch &lt; epochs)
///     foreach ((Tensor x, Tensor y) in loader) Step(x, y);   // [64, 1, 28, 28], [64]
/// </code>
/// A batch's tensors belong to the loader, whatever scope is open, and hold until its next batch.
/// </summary>
public sealed class DataLoader : IEnumerable<Batch>, IDisposable
{
    private const int DefaultPrefetch = 2;

    private readonly IDataset _dataset;
    private readonly Sampler? _sampler;
    private readonly long _count;       // samples in an epoch
    private readonly bool _dropLast;
    private readonly HostBatch[] _buffers;
    private readonly BatchFiller[] _fillers;    // by worker
    private readonly BatchFeed _feed;
    private long[]? _order;
    private LoaderState _state;
    private Prefetcher? _prefetcher;            // of the enumeration that is going on
    private bool _running, _stuck, _disposed;

    /// <param name="dataset">The samples.</param>
    /// <param name="batchSize">Samples in a batch; the last of an epoch may have fewer.</param>
    /// <param name="shuffleSeed">A new order each epoch follows from it; null: the samples' own order.</param>
    /// <param name="dropLast">Leaves out a last batch with fewer samples.</param>
    /// <param name="transform">Changes every input; it has to be Float32.</param>
    /// <param name="accelerator">Where the batches' tensors live; null: the default.</param>
    /// <param name="sampler">Which samples make an epoch, instead of each once; it draws by <paramref name="shuffleSeed"/>.</param>
    /// <exception cref="ArgumentException">The data set is empty, or smaller than the only batch that would not be dropped, or the batch is not
    /// positive; or the sampler is for another number of samples, or has no seed.</exception>
    /// <exception cref="DTypeException">There is a transform, but inputs are not Float32.</exception>
    /// <param name="workers">Threads that prepare batches; with more than one, the data set is read by several at once. Batches do not depend on it.</param>
    /// <param name="prefetch">Batches that may wait, beside those that workers fill.</param>
    public DataLoader(
        IDataset dataset, int batchSize, ulong? shuffleSeed = null, bool dropLast = false,
        SampleTransform? transform = null, Accelerator? accelerator = null, Sampler? sampler = null, int workers = 1, int prefetch = DefaultPrefetch)
        : this(dataset, batchSize, shuffleSeed, dropLast, transform, null, accelerator, sampler, workers, prefetch)
    {
    }

    /// <summary>A loader of transformed pictures: batches are Float32 [count, ...] of the form that <see cref="ImageTransform.ResultOf"/> gives.</summary>
    /// <param name="dataset">Pictures [channels, height, width], Float32, or UInt8, which is scaled to 0 … 1.</param>
    /// <param name="batchSize">Samples in a batch; the last of an epoch may have fewer.</param>
    /// <param name="transform">Changes every picture.</param>
    /// <param name="shuffleSeed">A new order each epoch, and the transform's random numbers follow from it; null: the samples' own order.</param>
    /// <param name="dropLast">Leaves out a last batch with fewer samples.</param>
    /// <param name="accelerator">Where the batches' tensors live; null: the default.</param>
    /// <param name="sampler">Which samples make an epoch, instead of each once; it draws by <paramref name="shuffleSeed"/>.</param>
    /// <param name="workers">Threads that prepare batches; with more than one, the data set is read by several at once. Batches do not depend on it.</param>
    /// <param name="prefetch">Batches that may wait, beside those that workers fill.</param>
    /// <exception cref="ArgumentException">As for plain loaders.</exception>
    /// <exception cref="ShapeException">The pictures cannot be transformed so; the message says why.</exception>
    /// <exception cref="DTypeException">The samples are neither Float32 nor UInt8.</exception>
    public DataLoader(
        IDataset dataset, int batchSize, ImageTransform transform, ulong? shuffleSeed = null, bool dropLast = false,
        Accelerator? accelerator = null, Sampler? sampler = null, int workers = 1, int prefetch = DefaultPrefetch)
        : this(dataset, batchSize, shuffleSeed, dropLast, null, transform ?? throw new ArgumentNullException(nameof(transform)), accelerator, sampler, workers, prefetch)
    {
    }

    private DataLoader(
        IDataset dataset, int batchSize, ulong? shuffleSeed, bool dropLast, SampleTransform? change, ImageTransform? transform, Accelerator? accelerator, Sampler? sampler,
        int workers, int prefetch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(prefetch);
        if (sampler is not null && (shuffleSeed is null || sampler.DatasetCount != dataset.Count))
            throw new ArgumentException($"DataLoader: a {sampler.GetType().Name} for {sampler.DatasetCount} samples needs a data set of as many and a seed, but the " +
                $"data set has {dataset.Count}{(shuffleSeed is null ? ", and no shuffleSeed was given" : "")}.", nameof(sampler));
        _count = sampler?.Count ?? dataset.Count;
        if (_count == 0 || (dropLast && _count < batchSize))
            throw new ArgumentException($"DataLoader: a data set of {_count} samples makes no batch of " +
                $"{batchSize}{(dropLast ? " when incomplete ones are dropped" : "")}. " +
                "Check the data set, or use a smaller batch.", nameof(dataset));
        if (change is not null && dataset.Input.DType != DType.Float32)
            throw new DTypeException($"DataLoader: a transform changes Float32 inputs, but the data set's are {dataset.Input}. Let the data set " +
                "convert them.");
        if (transform is null && dataset.KeepsSizes)
            throw new ArgumentException("DataLoader: the pictures keep their own sizes, and a batch needs one. Give a transform that makes one size of all, such as new RandomResizedCrop(224, 224), or open them with another PictureFit.", nameof(dataset));
        if (transform is not null) ImageReader.RequirePixels(dataset.Input, nameof(DataLoader));
        Input = transform is null ? dataset.Input : new(DType.Float32, transform.ResultOf(ImageShape.Of(dataset.Input.Shape, nameof(DataLoader))).ToShape());
        Target = dataset.Target;
        (_dataset, _sampler, _dropLast, _state) = (dataset, sampler, dropLast, new(shuffleSeed, 0, 0));
        BatchSize = (int)Math.Min(batchSize, _count);
        accelerator ??= Accelerator.Default;
        _fillers = [.. Enumerable.Range(0, workers).Select(_ => new BatchFiller(dataset, BatchSize, change, transform))];
        _buffers = new HostBatch[prefetch + workers + (accelerator is GpuAccelerator ? 1 : 0)];       // a GPU holds on to one more while it fetches it
        for (int i = 0; i < _buffers.Length; i++) _buffers[i] = new(BatchSize * Input.ByteLength, BatchSize * Target.ByteLength, accelerator);
        _feed = BatchFeed.For(Input, Target, BatchSize, accelerator);
    }

    /// <summary>The samples that it cuts into batches.</summary>
    public IDataset Dataset => _dataset;

    /// <summary>The inputs in batches, without the batch dimension.</summary>
    public SampleSpec Input { get; }

    /// <summary>The targets in batches, without the batch dimension.</summary>
    public SampleSpec Target { get; }

    /// <summary>
    /// How long to wait for a batch, and at the end of an enumeration for workers to leave the data set. A data set that takes longer, as one on a disk that no longer answers, counts
    /// as stuck: the loop gets a <see cref="TimeoutException"/>, and the loader cannot be enumerated any more, because the worker that was left behind may still write into its memory.
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> waits for ever. Ten minutes, unless set.
    /// </summary>
    public TimeSpan Timeout
    {
        get;
        init => field = value > TimeSpan.Zero || value == System.Threading.Timeout.InfiniteTimeSpan ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "DataLoader: Timeout is positive, or infinite: System.Threading.Timeout.InfiniteTimeSpan.");
    } = TimeSpan.FromMinutes(10);

    /// <summary>Samples in a whole batch.</summary>
    public int BatchSize { get; }

    /// <summary>Batches in a whole epoch.</summary>
    public long BatchesPerEpoch => BatchesFrom(0);

    /// <summary>Samples in the smallest batch of a whole epoch: the last.</summary>
    public int SmallestBatch => _dropLast || _count % BatchSize == 0 ? BatchSize : (int)(_count % BatchSize);

    /// <summary>Where the loader stands: after the batch that was handed out last. Set it to go on elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The position is not in the epoch, or there is a sampler and no seed.</exception>
    /// <exception cref="InvalidOperationException">Set while an enumeration is going on.</exception>
    public LoaderState State
    {
        get => _state;
        set
        {
            if (_running) throw new InvalidOperationException("DataLoader: the state cannot be set inside a foreach over the loader. Leave the " +
                "loop first.");
            if (value.Epoch < 0 || value.Position < 0 || value.Position > _count || (_sampler is not null && value.Seed is null))
                throw new ArgumentOutOfRangeException(nameof(value), $"DataLoader: {value} is no place in a data set of {_count} samples{(_sampler is null ? "" : " drawn by a seed")}. " +
                    "Was it saved with other data?");
            _state = value;
        }
    }

    /// <summary>The batches from here to the end of the epoch; then the loader stands at the beginning of the next.</summary>
    /// <exception cref="InvalidOperationException">Another enumeration is going on: batches share their memory. Or a worker was left behind in the data set.</exception>
    /// <exception cref="TimeoutException">A batch took longer than <see cref="Timeout"/>.</exception>
    public IEnumerator<Batch> GetEnumerator()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_stuck) throw new InvalidOperationException($"DataLoader: a worker had not come back from the {_dataset.GetType().Name} after {Timeout}, and may still write into this loader's memory. Use a new " +
            "loader, or if the data set is only slow a longer Timeout.");
        if (_running) throw new InvalidOperationException("DataLoader: one enumeration at a time, because all batches share their memory. Use a " +
            "second loader.");
        _running = true;
        try
        {
            (LoaderState start, long steps) = (_state, BatchesFrom(_state.Position));
            long[] order = Order(start);
            using (_prefetcher = new(_buffers, _fillers.Length, steps, Timeout, (worker, step, batch) => Fill(_fillers[worker], batch, order, start, step)))
                for (long step = 0; step < steps; step++)
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    Batch batch = Next(_prefetcher, step, steps, order[start.Position + step * BatchSize]);
                    _state = _state with { Position = _state.Position + batch.Count };
                    yield return batch;
                }
            _state = _state with { Epoch = _state.Epoch + 1, Position = 0 };
        }
        finally
        {
            _feed.Stop();
            _stuck |= _prefetcher?.HasLeftThreads == true;
            (_running, _prefetcher) = (false, null);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Frees the batches' tensors, and the memory that they are prepared in; ends an enumeration that is going on. It waits for workers as <see cref="Timeout"/> says, and leaves the
    /// memory of one that does not come back to it.
    /// </summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _prefetcher?.Dispose();
        _stuck |= _prefetcher?.HasLeftThreads == true;
        _feed.Dispose();
        if (_stuck) return;
        foreach (HostBatch buffer in _buffers) buffer.Dispose();
    }

    private Batch Next(Prefetcher prefetcher, long step, long steps, long sample)
    {
        try
        {
            return _feed.Next(prefetcher, step, isLast: step == steps - 1);
        }
        catch (TimeoutException e) when (prefetcher.IsLate)
        {
            throw new TimeoutException($"DataLoader: waited for the batch that begins with {_dataset.NameOf(sample)}, but {e.Message}. Does the disk or server that the {_dataset.GetType().Name} reads from " +
                "still answer? If reading takes that long, set a longer Timeout.", e);
        }
    }

    private long BatchesFrom(long position) => (_count - position + (_dropLast ? 0 : BatchSize - 1)) / BatchSize;

    private long[] Order(LoaderState state)
    {
        _order ??= new long[_count];
        if (_sampler is not null)
        {
            _sampler.Fill(_order, new Generator(state.Seed!.Value).Fork("sampler").Fork((ulong)state.Epoch));
            if (_order.AsSpan().IndexOfAnyExceptInRange(0, _dataset.Count - 1) is >= 0 and int bad)
                throw new InvalidOperationException($"DataLoader: {_sampler.GetType().Name} drew sample {_order[bad]} of a data set with {_dataset.Count}. Its Fill has to give numbers from 0 to {_dataset.Count - 1}.");
            return _order;
        }
        for (int i = 0; i < _order.Length; i++) _order[i] = i;
        if (state.Seed is { } seed) new Generator(seed).Fork("order").Fork((ulong)state.Epoch).Shuffle(_order.AsSpan());
        return _order;
    }

    // On a background thread.
    private void Fill(BatchFiller filler, HostBatch batch, long[] order, LoaderState start, long step)
    {
        long from = start.Position + step * BatchSize;
        ReadOnlySpan<long> indices = order.AsSpan((int)from, (int)Math.Min(BatchSize, order.Length - from));
        filler.Fill(batch, indices, start.Seed ?? 0, start.Epoch, _sampler is null ? null : from);
    }
}
