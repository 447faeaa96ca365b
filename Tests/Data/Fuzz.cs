using System.Diagnostics;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>
/// Mutated files: a reader gives an answer or its format's exception, and nothing else. GRADWRIGHT_FUZZ=1000000 tries that many, and tells
/// the slowest.
/// </summary>
internal static class Fuzz
{
    private const string Variable = "GRADWRIGHT_FUZZ";
    private const int Committed = 2000;

    /// <summary>Reads mutations of <paramref name="files"/>; <paramref name="repair"/>, if given, makes checksums right again so that damage gets past them.</summary>
    public static void Check(byte[][] files, int seed, Action<byte[]> read, Func<byte[], byte[]>? repair = null)
    {
        int tries = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? int.Parse(text) : Committed;
        var random = new Random(seed);
        TimeSpan slowest = default;
        for (int i = 0; i < tries; i++)
        {
            byte[] file = files[random.Next(files.Length)];
            for (int mutations = random.Next(1, 5); mutations > 0; mutations--) file = Mutate(file, files, random);
            if (repair is not null && random.Next(4) > 0) file = repair(file);
            long start = Stopwatch.GetTimestamp();
            try
            {
                read(file);
            }
            catch (FormatException)
            {
            }
            catch (Exception e)
            {
                throw new AssertionException($"try {i}: {e.GetType().Name} instead of a format exception, for {Convert.ToBase64String(file)}", e);
            }
            if (Stopwatch.GetElapsedTime(start) is var time && time > slowest) slowest = time;
        }
        if (tries != Committed) TestContext.Progress.WriteLine($"{tries} mutations; the slowest took {slowest.TotalMilliseconds:0.0} ms");
    }

    private static byte[] Mutate(byte[] file, byte[][] files, Random random)
    {
        int at = random.Next(file.Length + 1), length = random.Next(Math.Min(file.Length - at, 64) + 1);
        switch (random.Next(7))
        {
            case 0: return file[..at];
            case 1: return [.. file[..at], .. file[(at + length)..]];
            case 2: return [.. file[..at], .. file[at..(at + length)], .. file[at..]];
            case 3:
                byte[] other = files[random.Next(files.Length)];
                int from = random.Next(other.Length + 1);
                return [.. file[..at], .. other[from..Math.Min(other.Length, from + 64)], .. file[at..]];
            case 4:
                byte[] noise = new byte[random.Next(1, 9)];
                random.NextBytes(noise);
                return [.. file[..at], .. noise, .. file[at..]];
        }
        if (at == file.Length) return file;
        byte[] copy = (byte[])file.Clone();
        copy[at] = random.Next(3) switch
        {
            0 => (byte)(copy[at] ^ 1 << random.Next(8)),
            1 => (byte)random.Next(256),
            _ => (byte)(random.Next(2) == 0 ? 0xFF : 0x7F + random.Next(2)),
        };
        return copy;
    }
}
