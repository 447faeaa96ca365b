using Gradwright.Data;

namespace Gradwright.Examples.Digits;

/// <summary>Digits to learn from, to compare settings with, and to be judged by once, at the end.</summary>
/// <param name="Train">What is learned.</param>
/// <param name="Validation">What each epoch is measured with.</param>
/// <param name="Test">Used once, at the end.</param>
internal sealed record DigitImages(LabeledImages Train, LabeledImages Validation, LabeledImages Test)
{
    private const int SyntheticTraining = 30_000, SyntheticHeldOut = 3_000;
    private const int ValidationShare = 12;     // of MNIST's 60,000: the customary 5,000

    /// <summary>Draws synthetic digits.</summary>
    public static DigitImages Draw(int? limit)
    {
        int train = Math.Min(SyntheticTraining, limit ?? int.MaxValue), heldOut = Math.Min(SyntheticHeldOut, HeldOut(limit));
        LabeledImages all = SyntheticDigits.Generate(train + 2 * heldOut, seed: 1);
        return new(all[..train], all[train..(train + heldOut)], all[(train + heldOut)..]);
    }

    /// <summary>Reads MNIST; the last twelfth of the training images validates.</summary>
    public static DigitImages Load(string folder, int? limit)
    {
        (LabeledImages train, LabeledImages test) = Mnist.Load(folder);
        if (train.Count < 2 || test.Count < 1)
            throw new InvalidDataException($"{Path.GetFullPath(folder)} holds {train.Count} training and {test.Count} test images; at least 2 and 1 are needed.");
        int validation = Math.Max(1, train.Count / ValidationShare), heldOut = HeldOut(limit), first = train.Count - validation;
        return new(train[..Math.Min(first, limit ?? int.MaxValue)], train[first..][..Math.Min(validation, heldOut)], test[..Math.Min(test.Count, heldOut)]);
    }

    private static int HeldOut(int? limit) => limit is { } n ? Math.Max(1, n / 5) : int.MaxValue;

    public override string ToString() => $"{Train.Count:N0} images to train, {Validation.Count:N0} to validate, {Test.Count:N0} to test";
}
