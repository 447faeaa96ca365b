using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

public sealed class ExifOrientationTests
{
    // Where the first row and the first column are seen, by the standard's table.
    private static readonly (string Row, string Column)[] Sides =
        [("top", "left"), ("top", "right"), ("bottom", "right"), ("bottom", "left"), ("left", "top"), ("right", "top"), ("right", "bottom"), ("left", "bottom")];

    [Test]
    public void Pictures_are_turned_as_the_standard_says([Range(1, 8)] int orientation)
    {
        Picture stored = new(3, 2, 1, [0, 1, 2, 3, 4, 5]), upright = ExifOrientation.Apply(stored, orientation);
        Assert.That((upright.Width, upright.Height), Is.EqualTo(orientation < 5 ? (3, 2) : (2, 3)));
        (string rowSide, string columnSide) = Sides[orientation - 1];
        for (int row = 0; row < 2; row++)
            for (int column = 0; column < 3; column++)
            {
                int x = 0, y = 0;
                Place(rowSide, row);
                Place(columnSide, column);
                Assert.That(upright[x, y][0], Is.EqualTo(stored[column, row][0]), $"row {row}, column {column}");

                void Place(string side, int distance)
                {
                    if (side is "left" or "right") x = side == "left" ? distance : upright.Width - 1 - distance;
                    else y = side == "top" ? distance : upright.Height - 1 - distance;
                }
            }
    }

    [Test]
    public void The_note_is_found_in_both_byte_orders([Range(1, 8)] int orientation, [Values] bool little)
        => Assert.That(ExifOrientation.Of(WithNote((byte)orientation, little)), Is.EqualTo(orientation));

    [Test]
    public void A_missing_or_damaged_note_counts_as_none()
    {
        Assert.That(ExifOrientation.Of(JpegSamples.Colour), Is.EqualTo(1));
        Assert.That(ExifOrientation.Of(WithNote(9, true)), Is.EqualTo(1));
        byte[] whole = WithNote(6, false);
        for (int length = 3; length < 38; length++) Assert.That(ExifOrientation.Of(whole.AsSpan(0, length)), Is.EqualTo(1), $"{length} bytes");
        for (int i = 2; i < 40; i++)
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. whole];
                damaged[i] ^= (byte)(1 << bit);
                Assert.That(ExifOrientation.Of(damaged), Is.InRange(1, 8));
            }
    }

    [Test]
    public void Files_are_read_the_right_way_up()
    {
        if (!JpegFile.IsAvailable) Assert.Ignore("libjpeg-turbo is not installed (apt install libturbojpeg0)");
        Picture stored = JpegFile.Read(JpegSamples.Colour, "stored"), turned = JpegFile.Read(WithNote(6, true), "turned");
        Assert.That((turned.Width, turned.Height), Is.EqualTo((13, 17)));
        Assert.That(turned.Pixels, Is.EqualTo(ExifOrientation.Apply(stored, 6).Pixels));
        Picture small = JpegFile.Read(WithNote(6, true), "small", atLeast: (6, 8));
        Assert.That((small.Width, small.Height), Is.EqualTo((7, 9)), "half, and what is asked for is asked of the turned picture");
    }

    // A segment with a directory of one entry, right after the file's beginning.
    internal static byte[] WithNote(byte orientation, bool little)
    {
        byte[] tiff = little
            ? [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
            : [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        return [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(2 + 6 + tiff.Length), .. "Exif\0\0"u8, .. tiff, .. JpegSamples.Colour.AsSpan(2)];
    }
}
