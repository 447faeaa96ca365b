using static Gradwright.CudaDriver;

namespace Gradwright;

/// <summary>A stream of the driver.</summary>
/// <param name="accelerator">Whose stream it is.</param>
/// <param name="stream">A <c>CUstream</c>; 0 is the context's default stream.</param>
/// <param name="isForeign">Somebody else made it and will destroy it.</param>
internal sealed unsafe class CudaStream(CudaAccelerator accelerator, nint stream, bool isForeign) : GpuStream(accelerator)
{
    private readonly Lock _lock = new();
    private nint _reached;                  // recorded anew by every wait; a wait holds on to what was recorded when it was asked for

    public nint Handle { get; } = stream;

    public override void WaitFor(GpuStream other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(other, this)) return;
        using CudaContext context = accelerator.Enter();
        ((CudaStream)other).HoldBack(Handle);
    }

    /// <summary>Makes a stream wait for what this one has now.</summary>
    private void HoldBack(nint waiting)
    {
        lock (_lock)
        {
            if (_reached == 0) _reached = NewEvent();
            Check(cuEventRecord(_reached, Handle), Accelerator.Name);
            Check(cuStreamWaitEvent(waiting, _reached, 0), Accelerator.Name);
        }
    }

    internal override GpuMark Mark()
    {
        using CudaContext context = accelerator.Enter();
        nint done = NewEvent();
        Check(cuEventRecord(done, Handle), Accelerator.Name);
        return new CudaMark(accelerator, done);
    }

    internal override void Finish()
    {
        using CudaContext context = accelerator.Enter();
        Check(cuStreamSynchronize(Handle), Accelerator.Name);
    }

    internal override void Release()
    {
        using CudaContext context = accelerator.Enter();
        if (_reached != 0) Check(cuEventDestroy_v2(_reached), Accelerator.Name);
        if (!isForeign) Check(cuStreamDestroy_v2(Handle), Accelerator.Name);
    }

    private nint NewEvent()
    {
        nint made;
        Check(cuEventCreate(&made, EventDisableTiming), Accelerator.Name);
        return made;
    }
}
