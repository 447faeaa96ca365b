using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Gradwright.Data;

/// <summary>
/// Downloads a file of known SHA-256. The file appears under its name only when it is whole and right; until then what has arrived lies beside it as
/// "NAME.download", and the next attempt, at any of the addresses, asks for the rest only.
/// </summary>
public static class VerifiedDownload
{
    private const string PartialSuffix = ".download";

    /// <summary>
    /// Makes sure that <paramref name="path"/> has the content with the given SHA-256 (64 hexadecimal digits): keeps a file that already has it, else
    /// tries the addresses in turn.
    /// </summary>
    /// <returns>Whether anything had to be downloaded.</returns>
    /// <exception cref="IOException">No address gave the right content, and the message says for each of them why; or another process is downloading
    /// the same file.</exception>
    public static async Task<bool> FetchAsync(
        string path, string sha256, IReadOnlyList<Uri> addresses, HttpClient? client = null, CancellationToken cancellation = default)
    {
        if (File.Exists(path) && await HashAsync(path, cancellation).ConfigureAwait(false) == sha256) return false;
        using HttpClient? own = client is null ? new HttpClient() : null;
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string partial = path + PartialSuffix;
        var failures = new List<string>();
        foreach (Uri address in addresses)
        {
            try
            {
                await FetchAsync(client ?? own!, address, partial, sha256, cancellation).ConfigureAwait(false);
                File.Move(partial, path, overwrite: true);
                return true;
            }
            catch (Exception e) when (
                !cancellation.IsCancellationRequested && e is HttpRequestException or InvalidDataException or OperationCanceledException)
            {
                failures.Add($"  {address}: {e.Message}");
            }
        }
        string kept = File.Exists(partial) ? $" The {new FileInfo(partial).Length} bytes that arrived are kept; the next call goes on after them." : "";
        throw new IOException($"Could not download {Path.GetFileName(path)} to {Path.GetDirectoryName(path)}:\n{string.Join("\n", failures)}\n" +
            $"Check the network connection, or put the file there by other means.{kept}");
    }

    // Leaves the whole, right file under the partial name; or what has arrived, where the connection broke; or nothing, where the content is wrong.
    private static async Task FetchAsync(HttpClient client, Uri address, string partial, string sha256, CancellationToken cancellation)
    {
        for (bool again = true; ; again = false)
        {
            long kept = 0;
            FileStream file = new(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                await using (file.ConfigureAwait(false))
                {
                    kept = await AppendAsync(client, address, file, cancellation).ConfigureAwait(false);
                    file.Position = 0;
                    string found = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false));
                    if (found != sha256) throw new InvalidDataException($"expected the SHA-256 {sha256}, but {file.Length} bytes with {found} arrived");
                    file.Flush(flushToDisk: true);
                }
                return;
            }
            catch (InvalidDataException)
            {
                File.Delete(partial);
                if (kept == 0 || !again) throw;     // a beginning kept from before may be at fault: once more, from nothing
            }
            catch when (new FileInfo(partial) is { Exists: true, Length: 0 })
            {
                File.Delete(partial);
                throw;
            }
        }
    }

    /// <summary>Writes what is missing at the file's end.</summary>
    /// <returns>How many of its bytes were there before and were kept.</returns>
    private static async Task<long> AppendAsync(HttpClient client, Uri address, FileStream file, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (file.Length > 0) request.Headers.Range = new RangeHeaderValue(file.Length, null);
        using HttpResponseMessage response =
            await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (file.Length > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return file.Length;   // nothing is missing
        response.EnsureSuccessStatusCode();
        bool continues = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == file.Length;
        if (response.StatusCode == HttpStatusCode.PartialContent && !continues)
            throw new HttpRequestException($"asked for the bytes from {file.Length.ToString(CultureInfo.InvariantCulture)} on, but the server sent " +
                $"{response.Content.Headers.ContentRange}");
        if (!continues) file.SetLength(0);          // the server sends everything, whatever was asked for
        long kept = file.Length;
        file.Position = kept;
        Stream content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            var buffer = new byte[1 << 16];
            while (await ReadAsync(content, buffer, cancellation).ConfigureAwait(false) is > 0 and int read)
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
        }
        return kept;
    }

    // A connection that breaks is the network's failure, and must not be taken for a full disk, which is an IOException as well.
    private static async ValueTask<int> ReadAsync(Stream content, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"the connection broke: {e.Message}", e);
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        FileStream file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false));
    }
}
