using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Other numbers of threads for the kernels, for a while.</summary>
internal static class Threads
{
    /// <summary>So many threads until the result is disposed.</summary>
    public static Usage Use(int count)
    {
        Usage usage = new(WorkerPool.Shared.Threads);
        WorkerPool.SetThreads(count);
        return usage;
    }

    /// <summary>Asserts that numbers are computed to the same bits on each of some numbers of threads.</summary>
    /// <param name="compute">Computes them: an array, or arrays of arrays.</param>
    /// <param name="counts">At least two.</param>
    public static void ChangeNoBit<T>(Func<T> compute, params int[] counts)
    {
        T[] results = Array.ConvertAll(counts, count =>
        {
            using (Use(count)) return compute();
        });
        for (int i = 1; i < results.Length; i++) Assert.That(results[i], Is.EqualTo(results[0]), $"{counts[i]} threads");
    }

    public readonly struct Usage(int before) : IDisposable
    {
        /// <summary>As many as before.</summary>
        public void Dispose() => WorkerPool.SetThreads(before);
    }
}
