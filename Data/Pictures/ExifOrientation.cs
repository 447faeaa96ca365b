using System.Buffers.Binary;

namespace Gradwright.Data;

/// <summary>
/// Which way up a JPEG's rows and columns are, as the camera noted it (CIPA DC-008, "Exif", tag 0x0112): 1 as stored, 2 to 8 mirrored or turned. A note that is missing or damaged
/// counts as 1: the picture itself may be whole.
/// </summary>
internal static class ExifOrientation
{
    private const int Usual = 1, EntryBytes = 12;
    private const ushort Tag = 0x0112, Short = 3, TiffMagic = 42;
    private const byte Marker = 0xFF, App1 = 0xE1, StartOfScan = 0xDA;

    /// <summary>The orientation, 1 to 8.</summary>
    public static int Of(ReadOnlySpan<byte> jpeg)
    {
        for (ReadOnlySpan<byte> rest = jpeg[2..]; rest.Length >= 4 && rest[0] == Marker && rest[1] != StartOfScan;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);       // with the two bytes of itself
            if (length < 2 || 2 + length > rest.Length) break;
            ReadOnlySpan<byte> content = rest[4..(2 + length)];
            if (rest[1] == App1 && content.StartsWith("Exif\0\0"u8)) return OfTiff(content[6..]);
            rest = rest[(2 + length)..];
        }

        return Usual;
    }

    /// <summary>Whether rows have become columns.</summary>
    public static bool IsTurned(int orientation) => orientation >= 5;

    /// <summary>The picture the right way up; the same one where that is how it is stored.</summary>
    public static Picture Apply(Picture stored, int orientation)
    {
        if (orientation == Usual) return stored;
        bool turned = IsTurned(orientation);
        (int width, int height) = turned ? (stored.Height, stored.Width) : (stored.Width, stored.Height);
        bool fromRight = orientation is 2 or 3 or 7 or 8, fromBottom = orientation is 3 or 4 or 6 or 7;
        Picture upright = new(width, height, stored.Channels);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                (int column, int row) = turned ? (y, x) : (x, y);
                stored[fromRight ? stored.Width - 1 - column : column, fromBottom ? stored.Height - 1 - row : row].CopyTo(upright[x, y]);
            }

        return upright;
    }

    private static int OfTiff(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8) return Usual;
        bool little = tiff.StartsWith("II"u8);
        if ((!little && !tiff.StartsWith("MM"u8)) || UInt16(tiff[2..]) != TiffMagic) return Usual;
        uint directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > (uint)(tiff.Length - 2)) return Usual;
        ReadOnlySpan<byte> entries = tiff[((int)directory + 2)..];
        for (int left = UInt16(tiff[(int)directory..]); left > 0 && entries.Length >= EntryBytes; left--, entries = entries[EntryBytes..])
            if (UInt16(entries) == Tag) return UInt16(entries[2..]) == Short && UInt16(entries[8..]) is >= 1 and <= 8 and ushort value ? value : Usual;
        return Usual;

        ushort UInt16(ReadOnlySpan<byte> bytes) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }
}
