namespace Gradwright;

/// <summary>The safety net of a tensor that no scope owns: tells the collector how much memory hangs on it and, if it was forgotten, queues the release.</summary>
internal sealed class TensorGuard
{
    private const long WorthTelling = 64 << 10;

    private MemoryBuffer? _buffer;
    private long _pressure;

    ~TensorGuard()
    {
        if (_buffer is not { } buffer) return;
        ChangePressure(0);
        buffer.Accelerator.Pool.ReturnLater(buffer);
    }

    /// <summary>Watches over a reference to this buffer.</summary>
    public void Arm(MemoryBuffer buffer)
    {
        _buffer = buffer;
        ChangePressure(buffer.Length >= WorthTelling ? buffer.Length : 0);
    }

    /// <summary>The reference was released; another may follow.</summary>
    public void Disarm()
    {
        _buffer = null;
        ChangePressure(0);
    }

    private void ChangePressure(long pressure)
    {
        if (_pressure > 0) GC.RemoveMemoryPressure(_pressure);
        _pressure = pressure;
        if (_pressure > 0) GC.AddMemoryPressure(_pressure);
    }
}
