using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class SplitTests
{
    // 60, 30 and 7 samples of three classes, mixed.
    private static readonly int[] Labels = [.. Enumerable.Range(0, 97).Select(i => i * 37 % 97).Select(i => i < 60 ? 0 : i < 90 ? 5 : 9)];

    [Test]
    public void Parts_hold_every_sample_once_and_have_their_shares([Values] bool stratified)
    {
        long[][] parts = stratified ? Split.Stratified(Labels, [4, 1, 1], seed: 3) : Split.Random(97, [4, 1, 1], seed: 3);
        Assert.That(parts.SelectMany(p => p), Is.EquivalentTo(Enumerable.Range(0, 97)));
        for (int part = 0; part < 3; part++) Assert.That(parts[part].Length, Is.EqualTo(97 * (part == 0 ? 4 : 1) / 6.0).Within(1));
    }

    [Test]
    public void Every_class_has_its_share_of_every_part()
    {
        long[][] parts = Split.Stratified(Labels, [4, 1, 1], seed: 3);
        foreach ((int label, int count) in (ReadOnlySpan<(int, int)>)[(0, 60), (5, 30), (9, 7)])
            for (int part = 0; part < 3; part++)
                Assert.That(parts[part].Count(i => Labels[i] == label), Is.EqualTo(count * (part == 0 ? 4 : 1) / 6.0).Within(1.5), $"class {label}, part {part}");
    }

    [Test]
    public void The_seed_decides()
    {
        Assert.That(Split.Stratified(Labels, [1, 1], 1), Is.EqualTo(Split.Stratified(Labels, [1, 1], 1)));
        Assert.That(Split.Stratified(Labels, [1, 1], 2)[0], Is.Not.EquivalentTo(Split.Stratified(Labels, [1, 1], 1)[0]));
        Assert.That(Split.Random(97, [1, 1], 2)[0], Is.Not.EquivalentTo(Split.Random(97, [1, 1], 1)[0]));
        Assert.That(Split.Random(97, [1], 1)[0], Is.Not.Ordered);
    }

    [Test]
    public void No_part_is_empty_and_impossible_shares_are_refused()
    {
        Assert.That(Split.Random(3, [1000, 1, 1], 1), Has.All.Length.EqualTo(1));
        Assert.That(() => Split.Random(2, [1, 1, 1], 1), Throws.ArgumentException.With.Message.Contains("[1, 1, 1] of 2 samples"));
        Assert.That(() => Split.Random(9, [1, 0], 1), Throws.ArgumentException);
        Assert.That(() => Split.Random(9, [], 1), Throws.ArgumentException);
    }

    [Test]
    public void Each_fold_validates_once_what_the_others_train_with([Values(2, 3, 5)] int k, [Values] bool stratified)
    {
        Fold[] folds = stratified ? KFold.Stratified(Labels, k, seed: 4) : KFold.Random(97, k, seed: 4);
        Assert.That(folds.SelectMany(f => f.Validation), Is.EquivalentTo(Enumerable.Range(0, 97)));
        foreach (Fold fold in folds)
        {
            Assert.That(fold.Train.Concat(fold.Validation), Is.EquivalentTo(Enumerable.Range(0, 97)));
            Assert.That(fold.Validation, Has.Count.EqualTo(97 / k).Or.Count.EqualTo(97 / k + 1));
            if (stratified)
                foreach ((int label, int count) in (ReadOnlySpan<(int, int)>)[(0, 60), (5, 30), (9, 7)])
                    Assert.That(fold.Validation.Count(i => Labels[(int)i] == label), Is.EqualTo((double)count / k).Within(1));
        }
    }

    [Test]
    public void Folds_that_cannot_be_made_are_refused()
    {
        Assert.That(() => KFold.Stratified(Labels, 8, 1), Throws.ArgumentException.With.Message.Contains("class 9 has 7"));
        Assert.That(() => KFold.Random(9, 1, 1), Throws.ArgumentException.With.Message.Contains("1 parts of 9"));
        Assert.That(() => KFold.Random(3, 4, 1), Throws.ArgumentException);
    }

    [Test]
    public void A_subset_gives_the_samples_it_was_made_of()
    {
        var whole = new ArrayDataset<float, long>(Enumerable.Range(0, 10).Select(i => i / 2f).ToArray(), [1], Enumerable.Range(0, 10).Select(i => (long)i).ToArray(), []);
        Fold fold = new([7, 2, 7], [1]);
        (SubsetDataset train, SubsetDataset validation) = fold.Of(whole);
        using DataLoader loader = new(train, 3);
        Batch batch = loader.First();
        Assert.That((batch.Input.ToArray<float>(), batch.Target.ToArray<long>(), validation.Count), Is.EqualTo((new[] { 3.5f, 1, 3.5f }, new long[] { 7, 2, 7 }, 1)));
        Assert.That(() => new SubsetDataset(whole, [1, 10]), Throws.ArgumentException.With.Message.Contains("number 1 of those given is 10"));
    }
}
