namespace Gradwright.Data;

/// <summary>Brings prepared batches from host memory to the accelerator.</summary>
internal abstract class BatchFeed(SampleSpec input, SampleSpec target, int size, Accelerator accelerator, int slots) : IDisposable
{
    private readonly BatchSlot[] _slots = [.. Enumerable.Range(0, slots).Select(_ => new BatchSlot(input, target, size, accelerator))];

    /// <summary>The feed that suits the accelerator.</summary>
    public static BatchFeed For(SampleSpec input, SampleSpec target, int size, Accelerator accelerator)
        => accelerator is GpuAccelerator gpu ? new GpuBatchFeed(input, target, size, gpu) : new HostBatchFeed(input, target, size, accelerator);

    /// <summary>The next batch, at step <paramref name="step"/> of an enumeration; it holds until the next call.</summary>
    /// <param name="prefetcher">Where prepared batches come from.</param>
    /// <param name="step">From 0.</param>
    /// <param name="isLast">No further batch will be prepared.</param>
    public abstract Batch Next(Prefetcher prefetcher, long step, bool isLast);

    /// <summary>The enumeration ends, perhaps early: nothing may touch the prepared batches from now on.</summary>
    public virtual void Stop() { }

    public virtual void Dispose()
    {
        foreach (BatchSlot slot in _slots) slot.Dispose();
    }

    protected Batch Tensors(long step, int count) => _slots[step % _slots.Length].For(count);
}

/// <summary>On the CPU: a copy, and the prepared batch is free again.</summary>
internal sealed unsafe class HostBatchFeed(SampleSpec input, SampleSpec target, int size, Accelerator accelerator) : BatchFeed(input, target, size, accelerator, slots: 1)
{
    public override Batch Next(Prefetcher prefetcher, long step, bool isLast)
    {
        HostBatch host = prefetcher.Take();
        Batch batch = Tensors(step, host.Count);
        Copy(host.InputPointer, batch.Input);
        Copy(host.TargetPointer, batch.Target);
        prefetcher.Return();
        return batch;
    }

    private static void Copy(nint source, Tensor tensor)
    {
        tensor.Accelerator.CopyFromHost((void*)source, tensor.Buffer, 0, tensor.Count * tensor.DType.Size);
        tensor.Buffer.BumpVersion();
        GC.KeepAlive(tensor);
    }
}

/// <summary>
/// On a GPU: while one batch is being computed with, the next is fetched into a second pair of tensors, on a stream of its own. The streams wait for
/// each other where the tensors' memory says so.
/// </summary>
internal sealed class GpuBatchFeed(SampleSpec input, SampleSpec target, int size, GpuAccelerator gpu) : BatchFeed(input, target, size, gpu, slots: 2)
{
    private readonly GpuStream _stream = gpu.CreateStream();
    private readonly Queue<GpuMark> _fetching = new();      // prepared batches that the device still reads, oldest first
    private Batch? _ahead;

    public override Batch Next(Prefetcher prefetcher, long step, bool isLast)
    {
        Batch batch = _ahead ?? Fetch(prefetcher.Take(), step);
        _ahead = null;
        while (_fetching.Count > 1) Return(prefetcher);
        if (!isLast && prefetcher.TryTake(out HostBatch? host)) _ahead = Fetch(host, step + 1);
        return batch;
    }

    public override void Stop()
    {
        _ahead = null;
        while (_fetching.TryDequeue(out GpuMark? mark)) Finish(mark);
    }

    public override void Dispose()
    {
        Stop();
        _stream.Dispose();
        base.Dispose();
    }

    private Batch Fetch(HostBatch host, long step)
    {
        Batch batch = Tensors(step, host.Count);
        using (_stream.Use())
        {
            Fetch(host.InputPointer, batch.Input);
            Fetch(host.TargetPointer, batch.Target);
            _fetching.Enqueue(_stream.Mark());
        }

        return batch;
    }

    private void Fetch(nint source, Tensor tensor)
    {
        gpu.CopyFromPinned(source, tensor.Buffer, 0, tensor.Count * tensor.DType.Size);
        tensor.Buffer.BumpVersion();
        GC.KeepAlive(tensor);
    }

    private void Return(Prefetcher prefetcher)
    {
        Finish(_fetching.Dequeue());
        prefetcher.Return();
    }

    private static void Finish(GpuMark mark)
    {
        mark.Wait();
        mark.Dispose();
    }
}
