using System.Security.Cryptography;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class SyntheticDigitsTests
{
    [Test]
    public void The_same_seed_gives_the_same_bytes_on_every_machine()
    {
        LabeledImages images = SyntheticDigits.Generate(200, seed: 42);
        string hash = Convert.ToHexStringLower(SHA256.HashData(images.Pixels.Span));
        Assert.That(hash, Is.EqualTo("5456bdb370c880fdb07c879e91e3be79b2fbf5c488d24dcb575a93927f90784d"));
    }

    [Test]
    public void An_image_depends_on_seed_and_index_only()
    {
        LabeledImages all = SyntheticDigits.Generate(50, seed: 7), tail = SyntheticDigits.Generate(20, seed: 7, first: 30);
        Assert.That(tail.Pixels.Span.SequenceEqual(all[30..].Pixels.Span));
        Assert.That(tail.Labels.Span.SequenceEqual(all[30..].Labels.Span));

        var alone = new byte[SyntheticDigits.Side * SyntheticDigits.Side];
        Assert.That(SyntheticDigits.Draw(7, 33, alone), Is.EqualTo(all.Labels.Span[33]));
        Assert.That(all[33].SequenceEqual(alone));
        SyntheticDigits.Draw(8, 33, alone);
        Assert.That(all[33].SequenceEqual(alone), Is.False);
        SyntheticDigits.Draw(7, 33 + (1L << 32), alone);
        Assert.That(all[33].SequenceEqual(alone), Is.False, "all 64 bits of the index count");
    }

    [Test]
    public void Classes_are_equally_likely_and_every_image_has_ink_and_paper()
    {
        LabeledImages images = SyntheticDigits.Generate(5000, seed: 3);
        var counts = new int[10];
        for (int i = 0; i < images.Count; i++)
        {
            counts[images.Labels.Span[i]]++;
            int ink = 0;
            foreach (byte pixel in images[i]) ink += pixel > 100 ? 1 : 0;
            Assert.That(ink, Is.InRange(15, 392), $"image {i}");
        }
        Assert.That(counts, Is.All.InRange(400, 600));   // 500 ± 4.7 deviations
    }

    [Test]
    public void Bad_sizes_are_refused()
    {
        Assert.That(() => SyntheticDigits.Draw(0, 0, new byte[783]),
            Throws.ArgumentException.With.Message.Contains("28×28 bytes, but the span has 783"));
        Assert.That(() => SyntheticDigits.Generate(-1, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(SyntheticDigits.Generate(0, 0).Count, Is.Zero);
    }

    [Test]
    public void A_linear_classifier_learns_them_but_stays_below_92_percent()
    {
        LabeledImages train = SyntheticDigits.Generate(10_000, seed: 1), test = SyntheticDigits.Generate(2_000, seed: 1, first: 1L << 32);
        double accuracy = SoftmaxRegression.TrainAndTest(train, test, epochs: 8, rate: 0.02f);
        TestContext.Out.WriteLine($"softmax regression on synthetic digits: {accuracy:P1}");
        Assert.That(accuracy, Is.InRange(0.75, 0.92));
    }
}
