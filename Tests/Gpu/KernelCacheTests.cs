using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Compiled kernels on disk: damage, missing rights and other processes cost time, never a result.</summary>
public sealed class KernelCacheTests
{
    private static readonly byte[] _code = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    [Test]
    public void What_was_written_is_read()
    {
        using TemporaryFolder folder = new();
        KernelCache cache = new(folder.Path);
        string key = KernelCache.KeyOf("source", "options");
        Assert.That(cache.TryRead(key, out _), Is.False);
        cache.Write(key, _code);
        Assert.That(cache.TryRead(key, out byte[] code));
        Assert.That(code, Is.EqualTo(_code));
        Assert.That(KernelCache.KeyOf("a", "bc"), Is.Not.EqualTo(KernelCache.KeyOf("ab", "c")));
    }

    [Test]
    public void A_damaged_file_counts_as_absent()
    {
        using TemporaryFolder folder = new();
        KernelCache cache = new(folder.Path);
        string key = KernelCache.KeyOf("source");
        cache.Write(key, _code);
        string path = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Single();
        byte[] whole = File.ReadAllBytes(path);
        for (int at = 0; at < whole.Length; at += 7)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.That(cache.TryRead(key, out _), Is.False, $"byte {at}");
        }

        foreach (int length in (int[])[0, 1, 8, 39, 40, whole.Length - 1])
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.That(cache.TryRead(key, out _), Is.False, $"{length} bytes");
        }

        cache.Write(key, _code);
        Assert.That(cache.TryRead(key, out _));
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_done_without()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "a file, not a folder");
        File.WriteAllText(file, "");
        KernelCache cache = new(file);
        cache.Write(KernelCache.KeyOf("source"), _code);
        Assert.That(cache.TryRead(KernelCache.KeyOf("source"), out _), Is.False);
        new KernelCache(null).Write(KernelCache.KeyOf("source"), _code);
    }

    [Test]
    public void Writers_side_by_side_leave_a_whole_file()
    {
        using TemporaryFolder folder = new();
        string key = KernelCache.KeyOf("source");
        Parallel.For(0, 32, i =>
        {
            KernelCache cache = new(folder.Path);
            cache.Write(key, _code);
            Assert.That(cache.TryRead(key, out byte[] code));
            Assert.That(code, Is.EqualTo(_code));
        });
        Assert.That(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_cache_full_of_garbage_is_made_anew()
    {
        GpuDevices.Require("opencl:0");
        using TemporaryFolder folder = new();
        const string Some = "FullyQualifiedName~GpuOpSampleTests.Values&Name~ReLU";
        ChildRun.Expect(Some, (KernelCache.EnvironmentVariable, folder.Path));
        string[] files = Directory.GetFiles(folder.Path, "*.kernel", SearchOption.AllDirectories);
        Assert.That(files, Is.Not.Empty);
        foreach (string file in files) File.WriteAllText(file, "garbage");
        ChildRun.Expect(Some, (KernelCache.EnvironmentVariable, folder.Path));
        Assert.That(files.Select(file => new FileInfo(file).Length), Is.All.GreaterThan(7));
        ChildRun.Expect(Some, (KernelCache.EnvironmentVariable, "/proc/no/such/place"));
        ChildRun.Expect(Some, (KernelCache.EnvironmentVariable, "off"));
    }
}
