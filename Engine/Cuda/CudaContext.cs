using static Gradwright.CudaDriver;

namespace Gradwright;

/// <summary>
/// Makes a context the current one of this thread for the length of a brace: the driver keeps one per thread. A foreign context is put back at the end, so that
/// the program around us finds its own; where there was none, ours stays, and the next brace costs one call.
/// </summary>
internal readonly unsafe ref struct CudaContext
{
    private readonly nint _foreign;

    public CudaContext(nint context, string accelerator)
    {
        nint before;
        Check(cuCtxGetCurrent(&before), accelerator);
        if (before == context) return;
        Check(cuCtxSetCurrent(context), accelerator);
        _foreign = before;
    }

    public void Dispose()
    {
        if (_foreign != 0) _ = cuCtxSetCurrent(_foreign);
    }
}
