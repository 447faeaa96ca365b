using static Gradwright.CudaDriver;

namespace Gradwright;

/// <summary>An event of the driver that was recorded on a stream.</summary>
internal sealed class CudaMark(CudaAccelerator accelerator, nint recorded) : GpuMark
{
    public override void Wait()
    {
        using CudaContext context = accelerator.Enter();
        Check(cuEventSynchronize(recorded), accelerator.Name);
    }

    public override void Dispose()
    {
        using CudaContext context = accelerator.Enter();
        Check(cuEventDestroy_v2(recorded), accelerator.Name);
    }
}
