namespace Gradwright.Data;

/// <summary>Room for a batch in host memory.</summary>
internal sealed class HostBatch(long inputBytes, long targetBytes)
{
    public byte[] Inputs { get; } = new byte[inputBytes];

    public byte[] Targets { get; } = new byte[targetBytes];

    /// <summary>Samples it holds.</summary>
    public int Count { get; set; }
}
