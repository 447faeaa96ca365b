using System.Diagnostics;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>
/// Mutated files: a reader gives an answer, or its format's exception with the file's name, in memory of about the file's size; and nothing else. GRADWRIGHT_FUZZ=1000000 tries that
/// many with each reader, and tells how it went; GRADWRIGHT_FUZZ_SEED=1 tries others.
/// </summary>
internal static class Fuzz
{
    /// <summary>What readers are told that the file is called.</summary>
    public const string Name = "mutated";

    private const string Variable = "GRADWRIGHT_FUZZ", SeedVariable = "GRADWRIGHT_FUZZ_SEED";
    private const int Committed = 1000;
    private const long MostBytes = 16 << 20;        // allocated by a try: a picture of the size that tests allow is far smaller, one that a header can claim far larger

    private static readonly int? _tries = NumberIn(Variable), _seed = NumberIn(SeedVariable);

    /// <summary>Reads mutations of files.</summary>
    /// <param name="files">Whole ones.</param>
    /// <param name="seed">What the mutations follow from.</param>
    /// <param name="read">Reads a file that is called <see cref="Name"/>.</param>
    /// <param name="repair">Makes checksums and lengths right again in most tries, so that damage gets past them; null where there are none.</param>
    /// <param name="isRefusal">What else than <typeparamref name="TException"/> the reader may throw.</param>
    /// <returns>How many mutations were read.</returns>
    public static int Check<TException>(byte[][] files, int seed, Action<byte[]> read, Func<byte[], byte[]>? repair = null, Func<Exception, bool>? isRefusal = null)
        where TException : FormatException
    {
        int tries = _tries ?? Committed, answers = 0;
        HangGuard.Run(() =>
        {
            Mutation mutation = new(files, new Random(seed + 1000 * (_seed ?? 0)));
            (TimeSpan slowest, long largest) = (default, 0);
            for (int i = 0; i < tries; i++)
            {
                byte[] file = mutation.Next(repair);
                (long start, long before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
                try
                {
                    read(file);
                    answers++;
                }
                catch (TException e) when (e.Message.Contains(Name, StringComparison.Ordinal))
                {
                }
                catch (Exception e) when (isRefusal?.Invoke(e) == true)
                {
                }
                catch (Exception e)
                {
                    throw new AssertionException($"try {i}: {e.GetType().Name} ({e.Message}) instead of an answer or a {typeof(TException).Name} that names the file, for {Convert.ToBase64String(file)}", e);
                }

                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                if (allocated > MostBytes) throw new AssertionException($"try {i}: {allocated} bytes were allocated for {Convert.ToBase64String(file)}");
                largest = Math.Max(largest, allocated);
                if (Stopwatch.GetElapsedTime(start) is var time && time > slowest) slowest = time;
            }

            if (_tries is not null)
                TestContext.Progress.WriteLine($"{TestContext.CurrentContext.Test.Name}: {tries} mutations, {answers} read, the others refused; the slowest took {slowest.TotalMilliseconds:0.0} ms, the largest {largest} bytes");
        }, TimeSpan.FromMinutes(1) + TimeSpan.FromMilliseconds(tries));
        return answers;
    }

    private static int? NumberIn(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text) : null;
}
