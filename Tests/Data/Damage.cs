using FsCheck;
using FsCheck.Fluent;

namespace Gradwright.Tests.Data;

/// <summary>Random damage to files: every reader must give either the right answer or its format exception.</summary>
internal static class Damage
{
    /// <summary>
    /// Hands <paramref name="verify"/> copies of <paramref name="whole"/> that are cut short (second argument true) or have a byte changed (false).
    /// </summary>
    public static void Check(byte[] whole, Action<byte[], bool> verify)
    {
        Arbitrary<int> positions = Gen.Choose(0, whole.Length - 1).ToArbitrary(), masks = Gen.Choose(1, 255).ToArbitrary();
        Prop.ForAll(positions, positions, masks, (cut, position, mask) =>
        {
            verify(whole[..cut], true);
            byte[] flipped = (byte[])whole.Clone();
            flipped[position] ^= (byte)mask;
            verify(flipped, false);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }
}
