using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Attention in tiles against the formula with a whole matrix of weights, and what must hold for any attention.</summary>
[InTensorScope]
public sealed class AttentionTests
{
    private static readonly long[] _lengths = [1, 63, 64, 65, 127, 128, 129, 200];

    [Test]
    public void Values_and_gradients_equal_the_composed_formula([ValueSource(nameof(_lengths))] long queries, [ValueSource(nameof(_lengths))] long keys, [Values] bool causal, [Values] bool masked)
    {
        Tensor q = Random([2, 3, queries, 5], 1), k = Random([2, 3, keys, 5], 2), v = Random([2, 3, keys, 4], 3), g = Random([2, 3, queries, 4], 4);
        Tensor? mask = masked ? new Operand([2, 1, queries, keys], 0, 2) { Type = DType.Bool }.Make(DType.Float64, new(5)) : null;
        AssertSame([q, k, v], g, x => x[0].Attention(x[1], x[2], mask, causal: causal), x => Composed(x[0], x[1], x[2], mask, null, causal), 1e-10);
    }

    [TestCase(16, 17, 1, 1)]
    [TestCase(5, 70, 64, 64)]
    [TestCase(33, 20, 65, 130)]
    [TestCase(70, 260, 128, 96)]
    public void Heads_of_any_width_in_a_batch_of_any_size(int batch, int length, int depth, int width)
    {
        Tensor q = Random([batch, length, depth], 1), k = Random([batch, length + 1, depth], 2), v = Random([batch, length + 1, width], 3), g = Random([batch, length, width], 4);
        AssertSame([q, k, v], g, x => x[0].Attention(x[1], x[2]), x => Composed(x[0], x[1], x[2], null, null, false), 1e-10);
    }

    [Test]
    public void A_bias_is_added_and_has_a_gradient()
    {
        Tensor q = Random([2, 70, 3], 1), k = Random([2, 150, 3], 2), v = Random([2, 150, 2], 3), bias = Random([70, 150], 5), g = Random([2, 70, 2], 4);
        AssertSame([q, k, v, bias], g, x => x[0].Attention(x[1], x[2], bias: x[3]), x => Composed(x[0], x[1], x[2], null, x[3], false), 1e-10);
    }

    [Test]
    public void Weights_are_dropped_as_by_dropout_of_the_composed_weights([Values] bool oddKeys)
    {
        long keys = oddKeys ? 131 : 132;
        Tensor q = Random([2, 70, 3], 1), k = Random([2, keys, 3], 2), v = Random([2, keys, 2], 3), g = Random([2, 70, 2], 4);
        AssertSame([q, k, v], g, x => x[0].Attention(x[1], x[2], dropout: 0.4, generator: new Generator(9)), x => x[0].AttentionWeights(x[1]).Dropout(0.4, new Generator(9)).MatMul(x[2]), 1e-10);
    }

    [Test]
    public void Large_batches_and_small_ones_have_the_same_gradients()
    {
        Tensor q = Random([17, 70, 3], 1), k = Random([17, 150, 3], 2), v = Random([17, 150, 2], 3), g = Random([17, 70, 2], 4);
        Tensor[] all = Gradients([q, k, v], g, x => x[0].Attention(x[1], x[2], causal: true));
        Tensor[] first = Gradients([q[..5], k[..5], v[..5]], g[..5], x => x[0].Attention(x[1], x[2], causal: true));
        for (int i = 0; i < 3; i++) Assert.That(first[i].ToArray<double>(), Is.EqualTo(all[i][..5].ToArray<double>()));
    }

    [Test]
    public void A_causal_query_does_not_see_the_future()
    {
        Tensor q = Random([1, 150, 4], 1), k = Random([1, 150, 4], 2), v = Random([1, 150, 3], 3), g = Tensor.Zeros([1, 150, 3], DType.Float64);
        g[0, 70].FillInPlace(1);
        Tensor[] gradients = Gradients([q, k, v], g, x => x[0].Attention(x[1], x[2], causal: true));
        foreach (Tensor gradient in gradients[1..])
        {
            Assert.That(gradient[0, 71..].ToArray<double>(), Is.All.Zero);
            Assert.That(gradient[0, ..71].ToArray<double>(), Has.None.Zero);
        }
    }

    [Test]
    public void A_permutation_of_the_keys_changes_nothing()
    {
        Tensor q = Random([2, 70, 4], 1), k = Random([2, 150, 4], 2), v = Random([2, 150, 3], 3), order = Tensor.Permutation(150, new Generator(1));
        Close(q.Attention(k.IndexSelect(1, order), v.IndexSelect(1, order)), q.Attention(k, v), 1e-14);
    }

    [Test]
    public void A_query_that_sees_no_key_gives_zero_and_has_no_gradient([Values] bool byBias)
    {
        Tensor q = Random([1, 70, 4], 1), k = Random([1, 150, 4], 2), v = Random([1, 150, 3], 3), mask = Tensor.Ones([70, 1], DType.Bool);
        mask[7].FillInPlace(0);
        Tensor? bias = byBias ? Tensor.Zeros([70, 150], DType.Float64).MaskedFill(mask, double.NegativeInfinity, filled: false) : null;
        Tensor? shown = byBias ? null : mask;
        Tensor y = q.Attention(k, v, shown, bias);
        Assert.That(y[0, 7].ToArray<double>(), Is.All.Zero);
        Assert.That(y[0, 6].ToArray<double>(), Has.None.Zero);
        Tensor[] gradients = Gradients([q, k, v], Random([1, 70, 3], 4), x => x[0].Attention(x[1], x[2], shown, bias));
        Assert.That(gradients[0][0, 7].ToArray<double>(), Is.All.Zero);
        foreach (Tensor gradient in gradients) Assert.That(gradient.ToArray<double>(), Is.All.Not.NaN);
        Assert.That(q.AttentionWeights(k, shown, bias)[0, 7].ToArray<double>(), Is.All.Zero);
        Assert.That(q.Attention(k[.., ..0], v[.., ..0]).ToArray<double>(), Is.All.Zero, "no keys at all");
    }

    [Test]
    public void Scores_of_any_size_neither_overflow_nor_spoil_their_neighbours()
    {
        Tensor q = Tensor.From(new[,] { { 1e4f }, { -1e4f }, { float.NaN }, { 0 } }), k = Tensor.From(new[,] { { 1f }, { -1 } }), v = Tensor.From(new[,] { { 2f }, { 3 } });
        Assert.That(q.Attention(k, v).ToArray<float>(), Is.EqualTo(new[] { 2, 3, float.NaN, 2.5f }));
    }

    [Test]
    public void Heads_that_are_views_into_rows_come_back_as_such()
    {
        Tensor rows = Random([2, 5, 12], 1), heads = rows.Reshape(2, 5, 3, 4).Permute(0, 2, 1, 3);
        Tensor y = heads.Attention(heads, heads);
        Assert.That(y.Permute(0, 2, 1, 3).Layout.IsContiguous);
        Close(y, new Copy().Execute(heads).Attention(new Copy().Execute(heads), new Copy().Execute(heads)), 1e-14);
    }

    [Test]
    public void Memory_grows_linearly_with_the_length()
    {
        long[] lengths = [1024, 2048, 4096, 8192], peaks = [.. lengths.Select(Peak)];
        TestContext.Out.WriteLine(string.Join(", ", peaks));
        for (int i = 1; i < lengths.Length; i++) Assert.That(peaks[i], Is.LessThanOrEqualTo(2.1 * peaks[i - 1]));
        Assert.That(peaks[^1], Is.LessThan(16 * 4 * 8192 * sizeof(float)), "sixteen tensors of the operands' size");

        static long Peak(long length)
        {
            MemoryPool pool = Accelerator.Default.Pool;
            using Tensor q = Tensor.Ones([1, length, 4]), k = Tensor.Ones([1, length, 4]), v = Tensor.Ones([1, length, 4]);
            long before = pool.Statistics.LiveBytes;
            pool.ResetPeak();
            using (Tape tape = new())
            {
                foreach (Tensor x in new[] { q, k, v }) tape.Watch(x);
                tape.Gradients(q.Attention(k, v, causal: true).Sum(), [q, k, v]);
            }

            return pool.Statistics.PeakBytes - before;
        }
    }

    [Test]
    public void Operands_that_do_not_fit_are_refused()
    {
        Tensor q = Tensor.Zeros([2, 3, 4]), k = Tensor.Zeros([2, 5, 4]), v = Tensor.Zeros([2, 5, 6]);
        Assert.That(() => q.Attention(k[0], v), Throws.TypeOf<ShapeException>().With.Message.Contains("queries [2, 3, 4], keys [5, 4] and values [2, 5, 6]"));
        Assert.That(() => q.Attention(k[..1], v[..1]), Throws.TypeOf<ShapeException>().With.Message.Contains("Expand keys and values"));
        Assert.That(() => q.Attention(Tensor.Zeros([2, 5, 3]), v), Throws.TypeOf<ShapeException>().With.Message.Contains("last dimensions of one length"));
        Assert.That(() => q.Attention(k, v[.., ..4]), Throws.TypeOf<ShapeException>().With.Message.Contains("one value per key"));
        Assert.That(() => q.Attention(k, v, Tensor.Ones([5, 3], DType.Bool)), Throws.TypeOf<ShapeException>().With.Message.Contains("mask").And.Message.Contains("[2, 3, 5]"));
        Assert.That(() => q.Attention(k, v, Tensor.Ones([3, 5])), Throws.TypeOf<DTypeException>().With.Message.Contains("mask").And.Message.Contains("Bool"));
        Assert.That(() => q.Attention(k, v, bias: Tensor.Zeros([3, 5], DType.Float64)), Throws.TypeOf<DTypeException>().With.Message.Contains("bias"));
        Assert.That(() => q.Attention(k, v.Cast(DType.Float64)), Throws.TypeOf<DTypeException>().With.Message.Contains("values"));
        Assert.That(() => q.Cast(DType.Int64).Attention(k, v), Throws.TypeOf<DTypeException>());
        Assert.That(() => q.Attention(k, v, dropout: 0.5), Throws.ArgumentException.With.Message.Contains("needs a generator"));
        Assert.That(() => q.Attention(k, v, dropout: 1, generator: new(1)), Throws.ArgumentException.With.Message.Contains("below 1"));
        Assert.That(() => Tensor.Zeros([4]).Attention(Tensor.Zeros([4]), Tensor.Zeros([4])), Throws.TypeOf<ShapeException>());
    }

    /// <summary>The formula, with a whole matrix of weights.</summary>
    private static Tensor Composed(Tensor q, Tensor k, Tensor v, Tensor? mask, Tensor? bias, bool causal)
    {
        Tensor scores = q.MatMul(k.Transpose()) / Math.Sqrt(q.Shape[^1]);
        if (bias is not null) scores += bias;
        Tensor shown = Tensor.Ones([q.Shape[^2], k.Shape[^2]], DType.Bool);
        if (causal) shown = Tensor.Ones([q.Shape[^2], k.Shape[^2]]).LowerTriangle().Cast(DType.Bool);
        if (mask is not null) shown &= mask;
        Tensor e = (scores - scores.Detach().Max(-1, keepDimensions: true)).Exp().MaskedFill(shown, 0, filled: false), sum = e.Sum(-1, keepDimensions: true);
        return (e / sum.Maximum(1e-300)).MatMul(v);
    }

    private static void AssertSame(Tensor[] x, Tensor g, Func<Tensor[], Tensor> actual, Func<Tensor[], Tensor> expected, double tolerance)
    {
        Close(actual(x), expected(x), tolerance);
        Tensor[] a = Gradients(x, g, actual), b = Gradients(x, g, expected);
        double largest = b.Max(t => HostValues.Of(t).Max(Math.Abs));        // with one key in sight, the gradients of scores are 0 but for rounding
        for (int i = 0; i < x.Length; i++) Assert.That(HostValues.Of(a[i]), Is.EqualTo(HostValues.Of(b[i])).Within(tolerance * largest), $"gradient {i}");
    }

    private static Tensor[] Gradients(Tensor[] x, Tensor g, Func<Tensor[], Tensor> function)
    {
        using Tape tape = new();
        foreach (Tensor t in x) tape.Watch(t);
        return [.. tape.Gradients((function(x) * g).Sum(), x).Select(TensorScope.Keep)];
    }

    private static void Close(Tensor actual, Tensor expected, double tolerance)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        Values.AssertClose(HostValues.Of(actual), HostValues.Of(expected), tolerance, "attention");
    }

    private static Tensor Random(Shape shape, ulong seed) => Tensor.Normal(shape, new Generator(seed), dtype: DType.Float64);
}
