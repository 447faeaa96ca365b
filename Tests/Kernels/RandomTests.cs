using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

/// <summary>Random tensors: reproducible in every bit, and distributed as they say.</summary>
public sealed class RandomTests
{
    [Test]
    public unsafe void Blocks_side_by_side_are_the_blocks_one_by_one([Values(0, 1, 4, 7, 8, 9, 29)] int blocks, [Values(0ul, 0xFFFFFFFCul, ulong.MaxValue - 3)] ulong counter)
    {
        const ulong Key = 0x123456789ABCDEF;
        uint[] words = new uint[4 * blocks + 1];
        words[^1] = 77;
        fixed (uint* p = words) PhiloxBlocks.Fill(Key, counter, p, blocks);
        for (int b = 0; b < blocks; b++)
        {
            Philox.Block(Key, counter + (ulong)b, out uint x0, out uint x1, out uint x2, out uint x3);
            Assert.That(words[(4 * b)..(4 * b + 4)], Is.EqualTo([x0, x1, x2, x3]));
        }

        Assert.That(words[^1], Is.EqualTo(77));
    }

    [Test]
    public void An_element_depends_on_its_own_block_only()
    {
        using TensorScope scope = new();
        Tensor whole = new RandomUniform([5000], 0, 1, DType.Float32, 9, 100).Execute(), tail = new RandomUniform([8], 0, 1, DType.Float32, 9, 100 + 1024).Execute();
        Assert.That(whole[4096..4104].ToArray<float>(), Is.EqualTo(tail.ToArray<float>()));
        Philox.Block(9, 100 + 1024, out uint first, out _, out _, out _);
        Assert.That(tail.ToArray<float>()[0], Is.EqualTo((first >> 8) / 16777216f));
        Tensor normal = new RandomNormal([5001], 0, 1, DType.Float32, 9, 100).Execute(), end = new RandomNormal([3], 0, 1, DType.Float32, 9, 100 + 1024).Execute();
        Assert.That(normal[4096..4099].ToArray<float>(), Is.EqualTo(end.ToArray<float>()));
    }

    [Test]
    public void Normals_are_Box_and_Muller_of_the_words()
    {
        using TensorScope scope = new();
        double[] z = new RandomNormal([6], 10, 3, DType.Float64, 5, 7).Execute().ToArray<double>();
        for (int i = 0; i < 6; i += 2)
        {
            Philox.Block(5, 7 + (ulong)(i / 4), out uint x0, out uint x1, out uint x2, out uint x3);
            (double u1, double u2) = i % 4 == 0 ? ((x0 + 1.0) / (1L << 32), (double)x1 / (1L << 32)) : ((x2 + 1.0) / (1L << 32), (double)x3 / (1L << 32));
            double radius = Math.Sqrt(-2 * Math.Log(u1));
            Assert.That(z[i], Is.EqualTo(10 + 3 * radius * Math.Cos(2 * Math.PI * u2)).Within(1e-13));
            Assert.That(z[i + 1], Is.EqualTo(10 + 3 * radius * Math.Sin(2 * Math.PI * u2)).Within(1e-13));
        }
    }

    // Fixed once and for all: the same bits with AVX-512, with AVX2 alone and without vectors.
    [Test]
    public void Bits_are_the_same_on_every_machine_and_for_any_number_of_threads()
    {
        foreach (int n in new[] { 1, 2, 5 })
        {
            using Threads.Usage usage = Threads.Use(n);
            using TensorScope scope = new();
            Generator g = new(2024);
            Tensor[] draws =
            [
                Tensor.Uniform([40_003], g, -1, 3), Tensor.Normal([40_003], g), Tensor.Normal([4003], g, 1, 2, DType.Float64),
                Tensor.Ones([40_003]).Dropout(0.3, g), Tensor.RandomIntegers([40_003], g, -5, 1000), Tensor.Permutation(40_003, g),
            ];
            Assert.That(draws.Select(Hash), Is.EqualTo(_hashes));
        }
    }

    private static readonly ulong[] _hashes =
    [
        0xFCBE7F49EE623093, 0xB9B07B8F89D71CF0, 0x8841AF72410EF5DE, 0x694DBEFA76122177, 0x78303A67B7B1C709, 0xD30BBA6264E5EA50,
    ];

    // FNV-1a over the elements' bits.
    private static ulong Hash(Tensor x)
    {
        IEnumerable<ulong> words = x.DType switch
        {
            DType.Int64 => x.ToArray<long>().Select(v => (ulong)v),
            DType.Float64 => x.ToArray<double>().Select(BitConverter.DoubleToUInt64Bits),
            _ => x.ToArray<float>().Select(v => (ulong)BitConverter.SingleToUInt32Bits(v)),
        };
        return words.Aggregate(14695981039346656037UL, (hash, word) => (hash ^ word) * 1099511628211);
    }

    [Test]
    public void Moments_are_those_of_the_distribution([Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using TensorScope scope = new();
        const int N = 1_000_000;
        Generator g = new(11);
        double[] u = Tensor.Uniform([N], g, -1, 3, dtype).Cast(DType.Float64).ToArray<double>();
        Assert.That(u.Min(), Is.InRange(-1, -0.9999));
        Assert.That(u.Max(), Is.InRange(2.9999, 3));
        Assert.That(u.Average(), Is.EqualTo(1).Within(0.006));                              // 5 σ of the mean
        Assert.That(u.Average(v => (v - 1) * (v - 1)), Is.EqualTo(16 / 12.0).Within(0.006));
        double[] z = Tensor.Normal([N], g, 2, 0.5, dtype).Cast(DType.Float64).ToArray<double>().Select(v => (v - 2) / 0.5).ToArray();
        Assert.That(z.Average(), Is.Zero.Within(0.005));
        Assert.That(z.Average(v => v * v), Is.EqualTo(1).Within(0.0071));
        Assert.That(z.Average(v => v * v * v), Is.Zero.Within(0.0194));
        Assert.That(z.Average(v => v * v * v * v), Is.EqualTo(3).Within(0.049));
        Assert.That(z.Count(v => Math.Abs(v) < 1) / (double)N, Is.EqualTo(0.682689).Within(0.0024));
        Assert.That(z.Max(Math.Abs), Is.InRange(4, 6.7));
    }

    [Test]
    public void Uniform_numbers_fall_evenly_into_bins_and_neighbours_are_independent()
    {
        using TensorScope scope = new();
        const int N = 400_000, Bins = 20;
        float[] u = Tensor.Uniform([N], new Generator(3)).ToArray<float>();
        int[,] joint = new int[Bins, Bins];
        for (int i = 0; i + 1 < N; i += 2) joint[(int)(u[i] * Bins), (int)(u[i + 1] * Bins)]++;
        double expected = N / 2.0 / (Bins * Bins), chi2 = 0;
        foreach (int count in joint) chi2 += (count - expected) * (count - expected) / expected;
        Assert.That(chi2, Is.InRange(399 - 5 * 28.2, 399 + 5 * 28.2));                      // χ² with 399 degrees of freedom
    }

    [Test]
    public void Integers_and_tosses_have_their_probabilities()
    {
        using TensorScope scope = new();
        Generator g = new(8);
        int[] counts = new int[7];
        foreach (long v in Tensor.RandomIntegers([70_000], g, -3, 4).ToArray<long>()) counts[v + 3]++;
        Assert.That(counts, Has.All.EqualTo(10_000).Within(470));
        Assert.That(Tensor.Bernoulli([100_000], g, 0.3, DType.Bool).ToArray<bool>().Count(b => b), Is.EqualTo(30_000).Within(730));
        Assert.That(Tensor.Bernoulli([99], g, 1).ToArray<float>(), Has.All.EqualTo(1));
        Assert.That(Tensor.Bernoulli([99], g, 0).ToArray<float>(), Has.All.EqualTo(0));
        Assert.That(Tensor.RandomIntegers([99], g, 5, 6).ToArray<long>(), Has.All.EqualTo(5));
        Assert.That(() => Tensor.Bernoulli([9], g, 1.5), Throws.ArgumentException.With.Message.Contains("1.5"));
        Assert.That(() => Tensor.RandomIntegers([9], g, 5, 5), Throws.ArgumentException);
    }

    [Test]
    public void A_permutation_has_every_number_once_and_first_places_are_even()
    {
        using TensorScope scope = new();
        Generator g = new(8);
        Assert.That(Tensor.Permutation(1000, g).ToArray<long>().Order(), Is.EqualTo(Enumerable.Range(0, 1000)));
        int[] first = new int[5];
        for (int i = 0; i < 5000; i++) first[Tensor.Permutation(5, g)[0].ToArray<long>()[0]]++;
        Assert.That(first, Has.All.EqualTo(1000).Within(145));
    }

    [Test]
    public void Draws_of_one_generator_do_not_overlap()
    {
        using TensorScope scope = new();
        Generator g = new(1);
        float[] a = Tensor.Uniform([10], g).ToArray<float>(), b = Tensor.Uniform([10], g).ToArray<float>();
        Assert.That(a.Intersect(b), Is.Empty);
        Assert.That(g.State.Counter, Is.EqualTo(6));
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void Dropout_keeps_the_expected_value_and_the_gradient_has_its_mask(DType dtype)
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Full([100_001], 3, dtype);
        using Tape tape = new();
        tape.Watch(x);
        Tensor y = x.Dropout(0.2, new Generator(6)), g = tape.Gradients((y * 2).SumTo([]), [x])[0];
        double[] values = y.Cast(DType.Float64).ToArray<double>(), gradient = g.Cast(DType.Float64).ToArray<double>();
        int zeros = values.Count(v => v == 0);
        Assert.That(zeros, Is.EqualTo(20_000).Within(640));
        double kept = dtype == DType.Float32 ? 3f * 1.25f : 3.75;
        for (int i = 0; i < values.Length; i++)
        {
            Assert.That(values[i], Is.EqualTo(0).Or.EqualTo(kept));
            Assert.That(gradient[i], Is.EqualTo(values[i] == 0 ? 0 : 2.5));
        }
    }

    [Test]
    public void Dropout_of_nothing_and_of_everything()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From(float.NaN, float.PositiveInfinity, 2);
        Assert.That(x.Dropout(0, new Generator(1)).ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
        Assert.That(x.Dropout(1, new Generator(1)).ToArray<float>(), Is.EqualTo([0f, 0, 0]), "what is dropped is zero, whatever it was");
        Assert.That(() => x.Dropout(-0.1, new Generator(1)), Throws.ArgumentException.With.Message.Contains("-0.1"));
    }

    [Test]
    public void Dropout_added_to_a_tensor_has_the_bits_of_the_sum_and_passes_its_gradient_on()
    {
        using TensorScope scope = new();
        foreach (bool scaled in (bool[])[true, false])
            foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
            {
                Tensor x = Tensor.Normal([30, 1001], new Generator(1), dtype: dtype), y = Tensor.Normal([1001, 30], new Generator(2), dtype: dtype).Transpose();
                Generator fused = new(3), apart = new(3);
                using Tape tape = new();
                tape.Watch(x);
                tape.Watch(y);
                Tensor sum = x.AddDropout(y, 0.3, fused, scaled), expected = x + y.Dropout(0.3, apart, scaled);
                Assert.That(Values(sum), Is.EqualTo(Values(expected)));
                Assert.That(fused.State, Is.EqualTo(apart.State));
                Tensor[] gradients = tape.Gradients((sum * x).Sum() + (expected * y).Sum(), [x, y]);
                Tensor g = x + y, mask = Tensor.Ones(y.Shape, dtype).Dropout(0.3, new Generator(3), scaled);
                Assert.That(Values(gradients[0]), Is.EqualTo(Values(x + sum + y)).Within(1e-5));
                Assert.That(Values(gradients[1]), Is.EqualTo(Values(g * mask + expected)).Within(1e-5));
            }

        Assert.That(() => Tensor.Ones([3, 4]).AddDropout(Tensor.Ones([4]), 0.5, new(1)), Throws.TypeOf<ShapeException>().With.Message.Contains("[3, 4]"));

        static double[] Values(Tensor x) => x.Cast(DType.Float64).ToArray<double>();
    }
}
