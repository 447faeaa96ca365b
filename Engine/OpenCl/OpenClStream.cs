using static Gradwright.OpenClDriver;

namespace Gradwright;

/// <summary>An in-order command queue.</summary>
internal sealed unsafe class OpenClStream(OpenClAccelerator accelerator, nint queue) : GpuStream(accelerator)
{
    public nint Queue { get; } = queue;

    public override void WaitFor(GpuStream other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(other, this)) return;
        nint source = ((OpenClStream)other).Queue, done;
        Check(clEnqueueMarkerWithWaitList(source, 0, null, &done), Accelerator.Name);
        Check(clFlush(source), Accelerator.Name);           // an event that is never submitted never comes
        Check(clEnqueueBarrierWithWaitList(Queue, 1, &done, null), Accelerator.Name);
        Check(clReleaseEvent(done), Accelerator.Name);
    }

    internal override GpuMark Mark()
    {
        nint done;
        Check(clEnqueueMarkerWithWaitList(Queue, 0, null, &done), Accelerator.Name);
        Check(clFlush(Queue), Accelerator.Name);
        return new OpenClMark(Accelerator.Name, done);
    }

    internal override void Finish() => Check(clFinish(Queue), Accelerator.Name);

    internal override void Release() => Check(clReleaseCommandQueue(Queue), Accelerator.Name);
}
