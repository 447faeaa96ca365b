using System.Security.Cryptography;

namespace Gradwright.Data;

/// <summary>Downloads a file of known SHA-256. The file appears under its name only when it is whole and right.</summary>
public static class VerifiedDownload
{
    /// <summary>
    /// Makes sure that <paramref name="path"/> has the content with the given SHA-256 (64 hexadecimal digits): keeps a file that already has it, else
    /// tries the addresses in turn.
    /// </summary>
    /// <returns>Whether anything had to be downloaded.</returns>
    /// <exception cref="IOException">No address gave the right content; the message says for each of them why.</exception>
    public static async Task<bool> FetchAsync(
        string path, string sha256, IReadOnlyList<Uri> addresses, HttpClient? client = null, CancellationToken cancellation = default)
    {
        if (File.Exists(path) && await HashAsync(path, cancellation).ConfigureAwait(false) == sha256) return false;
        using HttpClient? own = client is null ? new HttpClient() : null;
        var failures = new List<string>();
        foreach (Uri address in addresses)
        {
            try
            {
                await AtomicFile.WriteAsync(path, file => CopyAsync(client ?? own!, address, file, sha256, cancellation)).ConfigureAwait(false);
                return true;
            }
            catch (Exception e) when (
                !cancellation.IsCancellationRequested && e is HttpRequestException or InvalidDataException or OperationCanceledException)
            {
                failures.Add($"  {address}: {e.Message}");
            }
        }
        throw new IOException($"Could not download {Path.GetFileName(path)} to " +
            $"{Path.GetDirectoryName(Path.GetFullPath(path))}:\n{string.Join("\n", failures)}\n" +
            "Check the network connection, or put the file there by other means.");
    }

    private static async Task CopyAsync(HttpClient client, Uri address, Stream file, string sha256, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using HttpResponseMessage response =
            await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        Stream content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            var buffer = new byte[1 << 16];
            long total = 0;
            while (await content.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and int read)
            {
                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                total += read;
            }
            string found = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (found != sha256) throw new InvalidDataException($"expected the SHA-256 {sha256}, but {total} bytes with {found} arrived");
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        FileStream file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false));
    }
}
