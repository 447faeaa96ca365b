using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Gradwright.Tests.Engine;

public sealed class LayoutTests
{
    private static readonly Arbitrary<int> _seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Test]
    public void TryReshape_finds_a_view_exactly_where_there_is_one()
    {
        int views = 0, copies = 0;
        Prop.ForAll(_seeds, seed =>
        {
            Random random = new(seed);
            Layout layout = RandomLayout(random);
            Shape target = Refactor(layout.Shape, random);
            Layout? view = layout.TryReshape(target);
            Layout? expected = StridesFor(target, Addresses(layout));
            if (expected is null)
            {
                copies++;
                Assert.That(view, Is.Null, $"{Describe(layout)} as {target}");
            }
            else
            {
                if (!layout.IsContiguous) views++;
                Assert.That(view, Is.Not.Null, $"{Describe(layout)} as {target}");
                Assert.That(view!.Shape, Is.EqualTo(target));
                Assert.That(Addresses(view), Is.EqualTo(Addresses(layout)), $"{Describe(layout)} as {target}");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000).WithQuietOnSuccess(true));
        Assert.That(Math.Min(views, copies), Is.GreaterThan(500), "both cases were tried often");
    }

    [Test]
    public void Contiguous_and_dense_mean_what_they_say()
        => Prop.ForAll(_seeds, seed =>
        {
            Layout layout = RandomLayout(new(seed));
            long[] addresses = Addresses(layout);
            bool run = addresses.Select((a, i) => a == layout.Offset + i).All(x => x);
            Assert.That(layout.IsContiguous, Is.EqualTo(run), Describe(layout));
            bool dense = addresses.Order().Select((a, i) => a == layout.Offset + i).All(x => x);
            Assert.That(layout.IsDense, Is.EqualTo(dense), Describe(layout));
            Layout fresh = layout.ForNewBuffer();
            Assert.That((fresh.Offset, fresh.IsDense, fresh.Shape), Is.EqualTo((0L, true, layout.Shape)));
            if (dense) Assert.That(Addresses(fresh), Is.EqualTo(addresses.Select(a => a - layout.Offset)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithQuietOnSuccess(true));

    [Test]
    public void Expand_repeats_and_Squeeze_undoes_Unsqueeze()
    {
        Layout column = Layout.Contiguous([3, 1]), wide = column.Expand([2, 3, 4]);
        Assert.That(wide.Strides.ToArray(), Is.EqualTo(new long[] { 0, 1, 0 }));
        for (int axis = 0; axis <= 2; axis++)
        {
            Layout inserted = column.Unsqueeze(axis);
            Assert.That(inserted.Shape.Span[axis], Is.EqualTo(1));
            Assert.That(inserted.IsContiguous);
            Assert.That(inserted.Squeeze(axis).Strides.ToArray(), Is.EqualTo(column.Strides.ToArray()));
        }
    }

    [Test]
    public void Scalars_and_empty_shapes_have_layouts()
    {
        Layout scalar = Layout.Contiguous([]), empty = Layout.Contiguous([3, 0, 2]);
        Assert.That((scalar.Count, scalar.Rank, scalar.IsContiguous), Is.EqualTo((1L, 0, true)));
        Assert.That((empty.Count, empty.IsContiguous, empty.IsDense), Is.EqualTo((0L, true, true)));
        Assert.That(empty.TryReshape([0, 7])!.Shape, Is.EqualTo(new Shape([0, 7])));
        Assert.That(scalar.TryReshape([1, 1])!.Count, Is.EqualTo(1));
        Assert.That(Layout.Contiguous([1, 1]).TryReshape([])!.Rank, Is.Zero);
    }

    [Test]
    public void Shapes_refuse_what_cannot_be()
    {
        Assert.That(() => Shape.Create(2, -1), Throws.TypeOf<ShapeException>().With.Message.Contains("negative"));
        Assert.That(() => Shape.Create(1, 1, 1, 1, 1, 1, 1, 1, 1), Throws.TypeOf<ShapeException>().With.Message.Contains("at most 8"));
        Assert.That(() => Shape.Create(1L << 40, 1L << 40), Throws.TypeOf<ShapeException>().With.Message.Contains("more elements"));
        Assert.That(Shape.Create(1L << 40, 1L << 40, 0).Count, Is.Zero);
        Shape shape = [2, 3, 4];
        Assert.That((shape[0], shape[-1], shape[^2], shape.Count, shape.Rank), Is.EqualTo((2L, 4L, 3L, 24L, 3)));
        Assert.That(() => shape[3], Throws.TypeOf<ShapeException>().With.Message.Contains("-3 to 2"));
        Assert.That(() => ((Shape)[])[0], Throws.TypeOf<ShapeException>().With.Message.Contains("scalar"));
        Assert.That((shape == new Shape([2, 3, 4]), shape != new Shape([2, 3]), shape.ToString()), Is.EqualTo((true, true, "[2, 3, 4]")));
        Assert.That(shape.GetHashCode(), Is.EqualTo(new Shape([2, 3, 4]).GetHashCode()));
        Assert.That(default(Shape).Count, Is.EqualTo(1), "the default is a scalar");
    }

    [Test]
    public void Broadcast_aligns_at_the_last_dimension()
    {
        Assert.That(Shape.Broadcast([2, 1, 4], [3, 1]), Is.EqualTo(new Shape([2, 3, 4])));
        Assert.That(Shape.Broadcast([], [5]), Is.EqualTo(new Shape([5])));
        Assert.That(Shape.Broadcast([0], [1]), Is.EqualTo(new Shape([0])));
        Assert.That(() => Shape.Broadcast([2, 3], [2], "Add"), Throws.TypeOf<ShapeException>()
            .With.Message.StartsWith("Add:").And.Message.Contains("[2, 3]").And.Message.Contains("dimension 1 is 3 in one and 2 in the other"));
    }

    /// <summary>A row-major layout, sliced, permuted, expanded and reversed at random.</summary>
    private static Layout RandomLayout(Random random)
    {
        Layout layout = Layout.Contiguous([.. Enumerable.Range(0, random.Next(5)).Select(_ => (long)random.Next(1, 5))]);
        for (int step = random.Next(4); step > 0 && layout.Rank > 0; step--)
        {
            int axis = random.Next(layout.Rank);
            long n = layout.Shape.Span[axis];
            layout = random.Next(6) switch
            {
                0 => layout.Slice(axis, n - 1, n, -1),
                1 => layout.Slice(axis, n / 2, (n + 1) / 2, 1),
                2 => layout.Slice(axis, 0, (n + 1) / 2, 2),
                3 when n == 1 => layout.Expand([.. layout.Shape.Span.ToArray().Select((m, d) => d == axis ? 3 : m)]),
                3 => layout.Select(axis, n - 1),
                4 when layout.Rank < 6 => layout.Unsqueeze(axis),
                _ => layout.Permute([.. Enumerable.Range(0, layout.Rank).OrderBy(_ => random.Next())]),
            };
        }

        return layout;
    }

    /// <summary>Another shape of as many elements: prime factors dealt out anew, in an order that often keeps neighbours together.</summary>
    private static Shape Refactor(Shape shape, Random random)
    {
        List<long> lengths = [.. shape.Span];
        for (int step = random.Next(5); step > 0; step--)
        {
            int i = random.Next(lengths.Count + 1);
            if (i < lengths.Count && lengths[i] % 2 == 0 && random.Next(2) == 0) (lengths[i], _) = (lengths[i] / 2, 0);
            else if (i + 1 < lengths.Count)
            {
                lengths[i] *= lengths[i + 1];
                lengths.RemoveAt(i + 1);
                continue;
            }
            else if (lengths.Count < 7)
            {
                lengths.Insert(i, 1);
                continue;
            }
            else continue;
            lengths.Insert(i + random.Next(2), 2);
        }

        return lengths.Count > Shape.MaxRank ? shape : [.. lengths];
    }

    private static long[] Addresses(Layout layout)
    {
        List<long> addresses = [];
        Walk(0, layout.Offset);
        return [.. addresses];

        void Walk(int axis, long address)
        {
            if (axis == layout.Rank)
            {
                addresses.Add(address);
                return;
            }

            for (long i = 0; i < layout.Shape.Span[axis]; i++) Walk(axis + 1, address + i * layout.Strides[axis]);
        }
    }

    /// <summary>The layout of this shape that visits these addresses in this order, or null when there is none.</summary>
    private static Layout? StridesFor(Shape shape, long[] addresses)
    {
        long[] strides = new long[shape.Rank];
        long inner = 1;
        for (int d = shape.Rank - 1; d >= 0; d--)
        {
            if (shape.Span[d] > 1) strides[d] = addresses[inner] - addresses[0];
            inner *= shape.Span[d];
        }

        Layout layout = new(shape, strides, addresses[0]);
        return Addresses(layout).SequenceEqual(addresses) ? layout : null;
    }

    private static string Describe(Layout layout) => $"{layout.Shape} with strides [{Shape.Join(layout.Strides)}] from {layout.Offset}";
}
