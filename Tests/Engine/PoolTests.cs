using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Gradwright.Tests.Engine;

public sealed class PoolTests
{
    private static MemoryPool Pool => CpuAccelerator.Instance.Pool;

    [Test]
    public void Statistics_count_what_is_alive()
    {
        PoolStatistics before = Pool.Statistics;
        Pool.ResetPeak();
        using (Tensor a = Tensor.Zeros([100]), view = a.Slice(0, 0, 10))
        {
            using (Tensor b = Tensor.Zeros([50], DType.Float64))
            {
                PoolStatistics now = Pool.Statistics;
                Assert.That((now.LiveBlocks - before.LiveBlocks, now.LiveBytes - before.LiveBytes), Is.EqualTo((2L, 800L)));
                Assert.That(now.ReservedBytes, Is.GreaterThanOrEqualTo(now.LiveBytes));
            }

            Assert.That(Pool.Statistics.LiveBytes - before.LiveBytes, Is.EqualTo(400));
        }

        Assert.That(Pool.Statistics.LiveBytes, Is.EqualTo(before.LiveBytes));
        Assert.That(Pool.Statistics.PeakBytes - before.LiveBytes, Is.EqualTo(800));
    }

    [TestCase(1L)]
    [TestCase(4_000L)]
    [TestCase(300_000L)]
    [TestCase(5_000_000L)]
    public void A_freed_block_is_used_again(long count)
    {
        Tensor.Empty([count]).Dispose();
        long misses = Pool.Statistics.SystemAllocations, reserved = Pool.Statistics.ReservedBytes;
        for (int i = 0; i < 10; i++) Tensor.Empty([count]).Dispose();
        Assert.That((Pool.Statistics.SystemAllocations, Pool.Statistics.ReservedBytes), Is.EqualTo((misses, reserved)));
    }

    [Test]
    public void A_block_that_stays_whole_serves_what_is_at_most_an_eighth_smaller()
    {
        NumberedMemory memory = new();
        MemoryPool pool = memory.Pool;
        pool.Return(pool.Rent(8L << 20));
        long misses = pool.Statistics.SystemAllocations;
        pool.Return(pool.Rent((8L << 20) - (1 << 19)));
        Assert.That(pool.Statistics.SystemAllocations, Is.EqualTo(misses));
        pool.Return(pool.Rent(4L << 20));
        Assert.That((pool.Statistics.SystemAllocations, memory.Given), Is.EqualTo((misses + 1, 12L << 20)));
        Assert.That((pool.Trim(), memory.Given), Is.EqualTo((12L << 20, 0L)));
    }

    [Test]
    public void What_trim_gave_back_is_memory_again_when_it_is_used()
    {
        using Tensor before = Tensor.Ones([1 << 20]), gone = Tensor.Ones([1 << 20]), after = Tensor.Ones([1 << 20]);
        gone.Dispose();
        Pool.Trim();
        using Tensor again = Tensor.Full([1 << 20], 3);
        Assert.That(again.ToArray<float>(), Is.All.EqualTo(3f));
        Assert.That(before.ToArray<float>().Concat(after.ToArray<float>()), Is.All.EqualTo(1f));
    }

    [Test]
    public void Blocks_hold_what_was_asked_for_and_are_aligned()
    {
        for (long bytes = 0; bytes < 3_000_000; bytes = bytes * 9 / 8 + 1)
        {
            using Tensor a = Tensor.Empty([bytes], DType.UInt8);
            Assert.That(a.Buffer.Length, Is.EqualTo(bytes));
            Assert.That(a.Buffer.Capacity, Is.GreaterThanOrEqualTo(bytes).And.LessThanOrEqualTo(Math.Max(64, bytes + bytes / 7 + (64 << 10))));
            Assert.That((long)a.Buffer.Pointer % 64, Is.Zero);
            if (bytes <= 1 << 20) Assert.That(a.Buffer.Capacity, Is.LessThanOrEqualTo(Math.Max(128, bytes * 5 / 4 + 64)));
        }
    }

    [Test]
    public void Trim_gives_cached_blocks_back()
    {
        Tensor.Empty([1 << 20]).Dispose();
        using Tensor live = Tensor.Ones([3]);
        Assert.That(Pool.Trim(), Is.GreaterThanOrEqualTo(4L << 20));
        Assert.That(Pool.Trim(), Is.Zero);
        Assert.That(live.ToArray<float>(), Is.EqualTo(new[] { 1f, 1, 1 }));
    }

    [Test]
    public void The_leak_report_names_the_line_that_allocated()
    {
        Pool.TrackAllocations = true;
        try
        {
            List<Tensor> leaked = [Leak(), Leak(), Leak()];
            AllocationSite site = Pool.LeakReport().Single(s => s.Site.Contains(nameof(Leak)));
            Assert.That((site.Blocks, site.Bytes), Is.EqualTo((3, 3 * 48L)));
            Assert.That(site.Site, Does.Contain(nameof(PoolTests)));
            foreach (Tensor t in leaked) t.Dispose();
            Assert.That(Pool.LeakReport().Where(s => s.Site.Contains(nameof(Leak))), Is.Empty);
        }
        finally
        {
            Pool.TrackAllocations = false;
        }

        Assert.That(Pool.LeakReport(), Is.Empty);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Tensor Leak() => Tensor.Zeros([12]);
    }

    [Test]
    public void Out_of_memory_says_what_was_asked_what_is_live_and_what_to_try()
    {
        PoolStatistics before = Pool.Statistics;
        using Tensor live = Tensor.Zeros([10]);
        Assert.That(() => Tensor.Empty([1L << 55]), Throws.TypeOf<AcceleratorMemoryException>()
            .With.Message.Contains((1L << 57).ToString("N0")).And.Message.Contains("live").And.Message.Contains("smaller batch").And.Message.Contains("LeakReport"));
        Assert.That(Pool.Statistics.LiveBlocks, Is.EqualTo(before.LiveBlocks + 1));
        using Tensor after = Tensor.Ones([10]);
        Assert.That(after.ToArray<float>(), Is.All.EqualTo(1f));
    }

    [Test]
    public void A_forgotten_tensor_is_freed_after_a_collection()
    {
        long before = Pool.Statistics.LiveBlocks;
        Forget();
        Assert.That(Pool.Statistics.LiveBlocks, Is.EqualTo(before + 3));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Tensor.Empty([1]).Dispose();        // the next allocation takes back what finalizers queued
        Assert.That(Pool.Statistics.LiveBlocks, Is.EqualTo(before));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget()
        {
            Tensor.Zeros([100]);
            Tensor.Zeros([100_000]).Slice(0, 1, 5);     // both views of one block
            Tensor kept;
            using (new TensorScope()) kept = TensorScope.Keep(Tensor.Zeros([3]));
        }
    }

    [Test]
    public void A_disposed_tensor_is_not_freed_again_by_its_finalizer()
    {
        long before = Pool.Statistics.LiveBlocks;
        Use();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Tensor.Empty([1]).Dispose();
        Assert.That(Pool.Statistics.LiveBlocks, Is.EqualTo(before));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Use()
        {
            Tensor a = Tensor.Zeros([100_000]);
            a.Dispose();
            a.Dispose();
        }
    }

    [Test]
    public void The_version_goes_up_with_changes_and_reuse()
    {
        Tensor a = Tensor.Zeros([7]);
        MemoryBuffer buffer = a.Buffer;
        int version = buffer.Version;
        a.FillInPlace(1);
        Assert.That(buffer.Version, Is.GreaterThan(version));
        version = buffer.Version;
        _ = a.ToArray<float>();
        Assert.That(buffer.Version, Is.EqualTo(version));
        a.Dispose();
        using Tensor b = Tensor.Empty([7]);
        Assert.That(b.Buffer, Is.SameAs(buffer));
        Assert.That(buffer.Version, Is.GreaterThan(version));
    }

    [Test]
    public void Adopted_memory_is_released_with_its_last_tensor()
    {
        int released = 0;
        float[] memory = GC.AllocateArray<float>(6, pinned: true);
        nint pointer = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
        PoolStatistics before = Pool.Statistics;
        MemoryBuffer buffer = MemoryBuffer.Adopt(CpuAccelerator.Instance, pointer, 24, () => released++);
        Tensor a = Tensor.Over(buffer, Layout.Contiguous([2, 3]), DType.Float32), column = a.Select(1, 2);
        column.FillInPlace(5);
        Assert.That(memory, Is.EqualTo(new[] { 0f, 0, 5, 0, 0, 5 }));
        Assert.That(Pool.Statistics.LiveBytes, Is.EqualTo(before.LiveBytes));
        Assert.That(() => Tensor.Over(buffer, Layout.Contiguous([7]), DType.Float32), Throws.TypeOf<ShapeException>().With.Message.Contains("0 to 6"));
        Assert.That(() => Tensor.Over(buffer, new Layout([2], [-1]), DType.Float32), Throws.TypeOf<ShapeException>());
        a.Dispose();
        Assert.That(released, Is.Zero);
        column.Dispose();
        Assert.That(released, Is.EqualTo(1));
        Assert.That(() => Tensor.Over(buffer, Layout.Contiguous([1]), DType.Float32), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Threads_share_the_pool()
    {
        PoolStatistics before = Pool.Statistics;
        Parallel.For(0, 8, seed =>
        {
            Random random = new(seed);
            for (int i = 0; i < 300; i++)
            {
                using Tensor a = Tensor.Full([1 + random.Next(i % 30 == 0 ? 500_000 : 5000)], seed), b = Tensor.Full([1 + random.Next(500)], -seed);
                if (a.ToArray<float>().Any(v => v != seed)) throw new InvalidDataException("another thread wrote here");
            }
        });
        Assert.That(Pool.Statistics.LiveBytes, Is.EqualTo(before.LiveBytes));
    }
}
