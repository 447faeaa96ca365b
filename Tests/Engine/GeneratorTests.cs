using NUnit.Framework;

namespace Gradwright.Tests.Engine;

public sealed class GeneratorTests
{
    // The known answers of Salmon et al. for philox4x32-10: counter and key of zeros, of ones, and of the digits of pi.
    [TestCase(0UL, 0UL, 0UL, new[] { 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u })]
    [TestCase(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, new[] { 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu })]
    [TestCase(0x299f31d0a4093822UL, 0x85a308d3243f6a88UL, 0x0370734413198a2eUL, new[] { 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u })]
    public void Philox_gives_the_known_answers(ulong key, ulong low, ulong high, uint[] expected)
    {
        Philox.Block(key, low, high, out uint x0, out uint x1, out uint x2, out uint x3);
        Assert.That(new[] { x0, x1, x2, x3 }, Is.EqualTo(expected));
    }

    [Test]
    public void The_same_seed_gives_the_same_numbers_and_another_seed_others()
    {
        Generator a = new(5), b = new(5), c = new(6);
        ulong[] first = [.. Enumerable.Range(0, 100).Select(_ => a.NextUInt64())];
        Assert.That(Enumerable.Range(0, 100).Select(_ => b.NextUInt64()), Is.EqualTo(first));
        Assert.That(Enumerable.Range(0, 100).Select(_ => c.NextUInt64()).Intersect(first), Is.Empty);
        Assert.That(first.Distinct().Count(), Is.EqualTo(100));
    }

    [Test]
    public void A_generator_goes_on_where_its_state_stood()
    {
        Generator a = new(5), b = new(9);
        a.Reserve(1000);
        GeneratorState state = a.State;
        ulong[] next = [a.NextUInt64(), a.NextUInt64()];
        Generator restored = Generator.Restore(state);
        Assert.That(new[] { restored.NextUInt64(), restored.NextUInt64() }, Is.EqualTo(next));
        b.State = state;
        Assert.That((b.Key, b.NextUInt64()), Is.EqualTo((a.Key, next[0])));
        a.State = state;
        Assert.That(a.NextUInt64(), Is.EqualTo(next[0]));
    }

    [Test]
    public void Forks_are_named_streams_of_their_own()
    {
        Generator root = new(5);
        Assert.That(root.Fork("layer1").Key, Is.EqualTo(new Generator(5).Fork("layer1").Key));
        ulong[] keys = [root.Key, root.Fork("layer1").Key, root.Fork("layer2").Key, root.Fork("").Key, root.Fork(0).Key, root.Fork(1).Key, new Generator(6).Fork("layer1").Key];
        Assert.That(keys, Is.Unique);
        Assert.That(root.State.Counter, Is.Zero, "forking takes nothing from the stream");
    }

    [Test]
    public void Reserve_hands_out_blocks_that_do_not_overlap()
    {
        Generator g = new(1);
        Assert.That((g.Reserve(3), g.Reserve(0), g.Reserve(2), g.State.Counter), Is.EqualTo((0UL, 3UL, 3UL, 5UL)));
        Assert.That(() => g.Reserve(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Doubles_fill_the_unit_interval()
    {
        Generator g = new(3);
        double[] x = [.. Enumerable.Range(0, 100_000).Select(_ => g.NextDouble())];
        Assert.That(x, Is.All.InRange(0, Math.BitDecrement(1.0)));
        Assert.That(x.Average(), Is.EqualTo(0.5).Within(5 * Math.Sqrt(1 / 12.0 / x.Length)));
        int[] bins = new int[10];
        foreach (double v in x) bins[(int)(v * 10)]++;
        Assert.That(bins, Is.All.InRange(10_000 - 500, 10_000 + 500));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    [TestCase(100)]
    public void Bounded_integers_are_even(long bound)
    {
        Generator g = new(4);
        const int Draws = 50_000;
        int[] seen = new int[bound];
        for (int i = 0; i < Draws; i++) seen[g.Next(bound)]++;
        double expected = (double)Draws / bound, spread = 6 * Math.Sqrt(expected);
        Assert.That(seen.Select(n => (double)n), Is.All.InRange(expected - spread, expected + spread));
    }

    [Test]
    public void Bounds_must_be_positive_and_may_be_huge()
    {
        Generator g = new(4);
        Assert.That(() => g.Next(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => g.Next(-3), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(Enumerable.Range(0, 100).Select(_ => g.Next(long.MaxValue)), Is.All.InRange(0L, long.MaxValue - 1));
    }

    [Test]
    public void Shuffle_makes_every_order_about_equally_often()
    {
        Generator g = new(8);
        Dictionary<string, int> seen = [];
        for (int i = 0; i < 24_000; i++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            g.Shuffle(items.AsSpan());
            string order = new(items);
            seen[order] = seen.GetValueOrDefault(order) + 1;
        }

        Assert.That(seen, Has.Count.EqualTo(24));
        Assert.That(seen.Values, Is.All.InRange(800, 1200));
    }
}
