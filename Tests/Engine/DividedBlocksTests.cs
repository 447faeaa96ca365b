using NUnit.Framework;

namespace Gradwright.Tests.Engine;

/// <summary>Blocks that are cut from segments and joined again, on memory that is numbers alone.</summary>
public sealed class DividedBlocksTests
{
    private const long Segment = 64L << 20, MB = 1L << 20;

    [Test]
    public void A_block_takes_what_it_needs_and_leaves_the_rest_to_the_next()
    {
        (_, _, MemoryPool pool) = Make();
        MemoryBuffer a = pool.Rent(8 * MB + 1), b = pool.Rent(3 * MB), c = pool.Rent(5 * MB);
        Assert.That((a.Capacity, b.Pointer - a.Pointer, c.Pointer - b.Pointer), Is.EqualTo((8 * MB + 4096, (nint)a.Capacity, (nint)(3 * MB))));
        pool.Return(a);
        MemoryBuffer half = pool.Rent(4 * MB), other = pool.Rent(4 * MB);
        Assert.That((half.Pointer, other.Pointer), Is.EqualTo((a.Pointer, a.Pointer + (nint)(4 * MB))), "a's place serves both");
        Assert.That(pool.Statistics.ReservedBytes, Is.EqualTo(16 * MB + 4096));
    }

    [Test]
    public void The_smallest_block_that_is_large_enough_is_taken()
    {
        (_, _, MemoryPool pool) = Make();
        MemoryBuffer[] blocks = [.. new long[] { 9, 1, 5, 1, 7, 1 }.Select(size => pool.Rent(size * MB))];
        nint five = blocks[2].Pointer, seven = blocks[4].Pointer;
        foreach (int i in (int[])[0, 2, 4]) pool.Return(blocks[i]);
        Assert.That((pool.Rent(6 * MB).Pointer, pool.Rent(4 * MB).Pointer), Is.EqualTo((seven, five)));
    }

    [Test]
    public void Growing_begins_in_the_free_block_at_the_end_of_what_was_touched()
    {
        (_, _, MemoryPool pool) = Make();
        MemoryBuffer first = pool.Rent(2 * MB), last = pool.Rent(6 * MB);
        nint place = last.Pointer;
        pool.Return(last);
        MemoryBuffer larger = pool.Rent(10 * MB);
        Assert.That((larger.Pointer, pool.Statistics.ReservedBytes), Is.EqualTo((place, 12 * MB)), "4 MB more, not 10");
        pool.Return(first);
    }

    [Test]
    public void Whatever_the_order_of_freeing_neighbours_become_the_whole_segment_again([Range(0, 7)] int seed)
    {
        Random random = new(seed);
        (NumberedMemory memory, DividedBlocks blocks, MemoryPool pool) = Make();
        MemoryBuffer[] used = [.. Enumerable.Range(0, 20).Select(_ => pool.Rent(300_000 + random.Next(2_000_000)))];
        long reserved = pool.Statistics.ReservedBytes;
        Assert.That(reserved, Is.EqualTo(used.Sum(block => block.Capacity)));
        random.Shuffle(used);
        foreach (MemoryBuffer block in used) pool.Return(block);
        Assert.That((blocks.Free.Count, blocks.Free[0].Capacity), Is.EqualTo((1, Segment)));
        Assert.That(pool.Trim(), Is.EqualTo(reserved), "all that was held");
        Assert.That((memory.Given, pool.Statistics.ReservedBytes, blocks.Free.Count), Is.EqualTo((0L, 0L, 0)));
    }

    [Test]
    public void Random_use_never_overlaps_and_the_books_are_right([Range(0, 9)] int seed)
    {
        Random random = new(seed);
        (NumberedMemory memory, DividedBlocks blocks, MemoryPool pool) = Make();
        List<MemoryBuffer> used = [];
        for (int i = 0; i < 2000; i++)
        {
            if (random.Next(100) == 0) pool.Trim();
            if (used.Count > 0 && random.Next(used.Count + 20) > 20)
            {
                int index = random.Next(used.Count);
                pool.Return(used[index]);
                used.RemoveAt(index);
            }
            else used.Add(pool.Rent((long)Math.Exp(12 + 6 * random.NextDouble())));       // 160 KB to 65 MB: classes, shares and whole segments

            if (i % 20 == 0) Verify(memory, blocks, pool, used);
        }

        Assert.That(memory.Discarded, Is.Not.Empty);
        foreach (MemoryBuffer block in used) pool.Return(block);
        pool.Trim();
        Assert.That((memory.Given, pool.Statistics.ReservedBytes, pool.Statistics.LiveBytes), Is.EqualTo((0L, 0L, 0L)));
    }

    [Test]
    public void Threads_share_it_without_overlap()
    {
        (NumberedMemory memory, DividedBlocks blocks, MemoryPool pool) = Make();
        List<MemoryBuffer>[] used = [.. Enumerable.Range(0, 8).Select(_ => new List<MemoryBuffer>())];
        Parallel.For(0, 8, seed =>
        {
            Random random = new(seed);
            for (int i = 0; i < 2000; i++)
            {
                if (used[seed].Count > 6)
                {
                    int index = random.Next(used[seed].Count);
                    pool.Return(used[seed][index]);
                    used[seed].RemoveAt(index);
                }

                used[seed].Add(pool.Rent(300_000 + random.Next(3_000_000)));
            }
        });
        Verify(memory, blocks, pool, [.. used.SelectMany(own => own)]);
    }

    [Test]
    public void Trim_gives_back_the_pages_of_parts_and_whole_segments()
    {
        (NumberedMemory memory, _, MemoryPool pool) = Make();
        MemoryBuffer a = pool.Rent(4 * MB), kept = pool.Rent(MB), alone = pool.Rent(100 * MB);
        nint place = a.Pointer;
        pool.Return(a);
        pool.Return(alone);
        Assert.That(pool.Trim(), Is.EqualTo(104 * MB));
        Assert.That(memory.Discarded, Is.EqualTo(new[] { (place, 4 * MB) }));
        Assert.That((memory.Given, pool.Statistics.ReservedBytes, pool.Trim()), Is.EqualTo((Segment, MB, 0L)));
        Assert.That((pool.Rent(4 * MB).Pointer, pool.Statistics.ReservedBytes), Is.EqualTo((place, 5 * MB)), "the addresses are still there");
        pool.Return(kept);
    }

    [Test]
    public void A_system_that_takes_only_whole_blocks_keeps_the_parts()
    {
        (_, _, MemoryPool pool) = Make(discards: false);
        MemoryBuffer a = pool.Rent(4 * MB), kept = pool.Rent(MB);
        pool.Return(a);
        Assert.That((pool.Trim(), pool.Statistics.ReservedBytes), Is.EqualTo((0L, 5 * MB)));
        pool.Return(kept);
        Assert.That(pool.Trim(), Is.EqualTo(5 * MB));
    }

    [Test]
    public void Where_there_is_no_room_for_a_segment_the_block_alone_is_asked_for()
    {
        (NumberedMemory memory, _, MemoryPool pool) = Make(limit: 20 * MB);
        MemoryBuffer a = pool.Rent(16 * MB);
        Assert.That((memory.Given, a.Capacity), Is.EqualTo((16 * MB, 16 * MB)));
        Assert.That(() => pool.Rent(5 * MB), Throws.TypeOf<AcceleratorMemoryException>().With.Message.Contains("numbers has no memory for a tensor of 5,242,880 bytes; 16,777,216 bytes are live in 1 blocks"));
        pool.Return(a);
        Assert.That((pool.Rent(18 * MB).Capacity, memory.Given), Is.EqualTo((18 * MB, 18 * MB)), "what waited was given back first");
    }

    [Test]
    public void A_buffer_that_went_into_its_neighbour_is_no_longer_what_it_was()
    {
        (_, _, MemoryPool pool) = Make();
        MemoryBuffer a = pool.Rent(MB), b = pool.Rent(MB);
        (long lease, int version) = (b.Lease, b.Version);
        pool.Return(a);
        pool.Return(b);
        MemoryBuffer both = pool.Rent(2 * MB);
        Assert.That(both, Is.SameAs(a));
        Assert.That(b.Version, Is.Not.EqualTo(version));
        Assert.That(pool.Rent(MB).Lease, Is.Not.EqualTo(lease));
    }

    [Test]
    public void Steps_of_a_residual_network_hold_hardly_more_than_lives_at_their_peak()
    {
        (_, _, MemoryPool pool) = Make(segment: 1L << 30);
        ResidualSteps steps = new(pool);
        steps.Run();
        steps.Run();
        (long reserved, long asked) = (pool.Statistics.ReservedBytes, pool.Statistics.SystemAllocations);
        for (int i = 0; i < 3; i++) steps.Run();
        Assert.That((pool.Statistics.ReservedBytes, pool.Statistics.SystemAllocations), Is.EqualTo((reserved, asked)), "steady");
        Assert.That(reserved, Is.LessThan(1.06 * pool.Statistics.PeakBytes), $"{reserved:N0} for {pool.Statistics.PeakBytes:N0}");
    }

    private static (NumberedMemory, DividedBlocks, MemoryPool) Make(long segment = Segment, long limit = long.MaxValue, bool discards = true)
    {
        NumberedMemory memory = new(limit, discards);
        DividedBlocks blocks = new(memory, segment);
        return (memory, blocks, new(memory, blocks));
    }

    private static void Verify(NumberedMemory memory, DividedBlocks blocks, MemoryPool pool, List<MemoryBuffer> used)
    {
        MemoryBuffer[] all = [.. used.Concat(blocks.Free).OrderBy(block => block.Pointer)];
        for (int i = 1; i < all.Length; i++)
        {
            Assert.That(all[i - 1].Pointer + (nint)all[i - 1].Capacity, Is.LessThanOrEqualTo(all[i].Pointer), "no two overlap");
            bool neighbours = all[i - 1].Pointer + (nint)all[i - 1].Capacity == all[i].Pointer;
            Assert.That(neighbours && all[i - 1].IsFree && all[i].IsFree, Is.False, "free neighbours are one");
        }

        foreach (MemoryBuffer block in used) Assert.That((block.Pointer % 64, block.IsFree, block.Capacity >= block.Length), Is.EqualTo(((nint)0, false, true)));
        foreach (MemoryBuffer block in blocks.Free) Assert.That(block.BackedFrom >= 0 && block.BackedFrom <= block.BackedTo && block.BackedTo <= block.Capacity);
        Assert.That(blocks.Free.Select(block => (block.Capacity, block.Pointer)), Is.Ordered);
        Assert.That(blocks.Cached, Is.EqualTo(blocks.Free.Sum(block => block.BackedTo - block.BackedFrom)));
        Assert.That(blocks.Reserved, Is.EqualTo(blocks.Cached + used.Where(block => block.Capacity >= blocks.Least).Sum(block => block.Capacity)));
        Assert.That(memory.Given, Is.GreaterThanOrEqualTo(pool.Statistics.ReservedBytes));
        Assert.That((pool.Statistics.LiveBytes, pool.Statistics.LiveBlocks), Is.EqualTo((used.Sum(block => block.Length), (long)used.Count)));
    }

    /// <summary>What training ResNet-18 on four images of 224×224 takes and gives back, layer by layer: 11.7 million parameters with two states of an optimizer.</summary>
    private sealed class ResidualSteps(MemoryPool pool)
    {
        // Elements of a result, elements of a filter, convolutions.
        private static readonly (long Map, long Filter, int Count)[] _stages =
            [(3_211_264, 9_408, 1), (802_816, 36_864, 4), (401_408, 147_456, 4), (200_704, 589_824, 4), (100_352, 2_359_296, 4)];

        private readonly List<MemoryBuffer> _parameters = [], _states = [];

        public void Run()
        {
            (long Map, long Filter)[] layers = [.. _stages.SelectMany(stage => Enumerable.Repeat((stage.Map, stage.Filter), stage.Count))];
            if (_parameters.Count == 0) _parameters.AddRange(layers.Select(layer => Rent(layer.Filter)));
            Stack<(MemoryBuffer Sum, MemoryBuffer Result)> saved = [];
            foreach ((long map, long filter) in layers)
            {
                MemoryBuffer scratch = Rent(4 * filter), sum = Rent(map), normalized = Rent(map);
                pool.Return(scratch);
                saved.Push((sum, Rent(map)));
                pool.Return(normalized);
            }

            List<MemoryBuffer> gradients = [];
            MemoryBuffer g = Rent(layers[^1].Map);
            for (int i = layers.Length - 1; i >= 0; i--)
            {
                (MemoryBuffer sum, MemoryBuffer result) = saved.Pop();
                MemoryBuffer before = Rent(layers[i].Map);
                pool.Return(g);
                pool.Return(result);
                gradients.Add(Rent(layers[i].Filter));
                MemoryBuffer scratch = Rent(2 * layers[i].Filter), next = Rent(layers[Math.Max(i - 1, 0)].Map);
                foreach (MemoryBuffer block in (MemoryBuffer[])[scratch, sum, before]) pool.Return(block);
                g = next;
            }

            pool.Return(g);
            if (_states.Count == 0) _states.AddRange(layers.SelectMany(layer => (MemoryBuffer[])[Rent(layer.Filter), Rent(layer.Filter)]));
            foreach (MemoryBuffer gradient in gradients) pool.Return(gradient);
        }

        private MemoryBuffer Rent(long elements) => pool.Rent(4 * elements);
    }
}
