using System.Net;
using System.Net.Http.Headers;

namespace Gradwright.Tests.Data;

/// <summary>Stands for a server on the network: answers the requests of an <see cref="HttpClient"/>, also for the rest of a file, and breaks off where it is told to.</summary>
/// <param name="find">The file at an address; null: there is none.</param>
internal sealed class FakeServer(Func<Uri, byte[]?> find) : HttpMessageHandler
{
    /// <summary>One file at every address.</summary>
    public FakeServer(byte[] content) : this(_ => content) { }

    /// <summary>A file at each of some addresses.</summary>
    public FakeServer(Dictionary<Uri, byte[]> files) : this(files.GetValueOrDefault) { }

    /// <summary>From which byte on each request asked for a file.</summary>
    public List<long> Offsets { get; } = [];

    /// <summary>Whether it sends parts of files.</summary>
    public bool HasRanges { get; init; } = true;

    /// <summary>After how many bytes of an answer the connection breaks.</summary>
    public int Breaks { get; set; } = int.MaxValue;

    /// <summary>Whether it breaks in the first answer only.</summary>
    public bool BreaksOnce { get; init; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        long from = HasRanges ? request.Headers.Range?.Ranges.Single().From ?? 0 : 0;
        Offsets.Add(from);
        return Task.FromResult(Answer(find(request.RequestUri!), from));
    }

    private HttpResponseMessage Answer(byte[]? file, long from)
    {
        if (file is null) return new(HttpStatusCode.NotFound);
        if (from >= file.Length) return new(HttpStatusCode.RequestedRangeNotSatisfiable);
        HttpResponseMessage response = new(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK) { Content = new StreamContent(new BreakingStream(file[(int)from..], Breaks)) };
        if (from > 0) response.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, file.Length - 1, file.Length);
        if (BreaksOnce) Breaks = int.MaxValue;
        return response;
    }

    private sealed class BreakingStream(byte[] content, int breaks) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= breaks) throw new IOException("reset by peer");
            return await base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Math.Min(breaks, Length) - Position)], cancellationToken);
        }
    }
}
