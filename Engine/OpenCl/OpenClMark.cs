using static Gradwright.OpenClDriver;

namespace Gradwright;

/// <summary>An event of the driver that stands in a queue.</summary>
internal sealed unsafe class OpenClMark(string accelerator, nint done) : GpuMark
{
    public override void Wait()
    {
        nint waited = done;
        Check(clWaitForEvents(1, &waited), accelerator);
    }

    public override void Dispose() => Check(clReleaseEvent(done), accelerator);
}
