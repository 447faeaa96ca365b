namespace Gradwright;

/// <summary>A place in a stream's order that the host can wait for: all work before it.</summary>
internal abstract class GpuMark : IDisposable
{
    /// <summary>Returns when everything before the place is done.</summary>
    public abstract void Wait();

    public abstract void Dispose();
}
