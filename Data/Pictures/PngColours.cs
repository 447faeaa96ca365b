using System.Buffers.Binary;

namespace Gradwright.Data;

/// <summary>Makes colours of stored samples: looks up palettes, adds alpha where colours are transparent, brings every depth to 8 or 16 bits.</summary>
internal static class PngColours
{
    /// <summary>8 bits per channel; samples of 16 are rounded to the nearest.</summary>
    public static Picture ToPicture(in PngContent content, byte[] raster, string name)
    {
        PngHeader header = content.Header;
        if (header is { Bits: 8, HasPalette: false } && content.Transparent.IsEmpty) return new Picture(header.Width, header.Height, header.Channels, raster);
        byte[] pixels = Convert<byte>(content, raster, name, (value, max) => (byte)((value * 255 + max / 2) / max), out int channels);
        return new Picture(header.Width, header.Height, channels, pixels);
    }

    /// <summary>16 bits per channel: v · 65535 / (2ᵇ − 1), which is a whole number for every depth b.</summary>
    public static Picture16 ToPicture16(in PngContent content, byte[] raster, string name)
    {
        ushort[] pixels = Convert<ushort>(content, raster, name, (value, max) => (ushort)(value * (65535 / max)), out int channels);
        return new Picture16(content.Header.Width, content.Header.Height, channels, pixels);
    }

    private static T[] Convert<T>(in PngContent content, byte[] raster, string name, Func<int, int, T> scale, out int channels) where T : unmanaged
    {
        PngHeader header = content.Header;
        int stored = header.Channels, count = raster.Length / stored / (header.Bits == 16 ? 2 : 1);
        channels = (header.HasPalette ? 3 : stored) + (content.Transparent.IsEmpty ? 0 : 1);
        if (!PictureLimits.FitsArray(count, channels, 1))
            throw new PngFormatException($"{name}: expected a picture that fits into one array, found {count} pixels of {channels} channels. " +
                "Save it in parts.");
        T[] pixels = new T[count * channels];
        if (header.HasPalette) LookUp(content, raster, pixels, channels, name, scale);
        else Scale(content, raster, pixels, channels, scale);
        return pixels;
    }

    private static void LookUp<T>(in PngContent content, byte[] raster, Span<T> pixels, int channels, string name, Func<int, int, T> scale)
    {
        ReadOnlySpan<byte> palette = content.Palette, transparent = content.Transparent;
        int colours = palette.Length / 3;
        Span<T> table = new T[colours * channels];
        for (int i = 0; i < colours; i++)
        {
            for (int c = 0; c < 3; c++) table[i * channels + c] = scale(palette[3 * i + c], 255);
            if (channels == 4) table[i * 4 + 3] = scale(i < transparent.Length ? transparent[i] : 255, 255);
        }
        for (int i = 0; i < raster.Length; i++)
        {
            if (raster[i] >= colours)
                throw new PngFormatException($"{name}: expected colours below {colours}, the palette's size, found {raster[i]}. {PngContent.Remedy}");
            table.Slice(raster[i] * channels, channels).CopyTo(pixels[(i * channels)..]);
        }
    }

    private static void Scale<T>(in PngContent content, byte[] raster, Span<T> pixels, int channels, Func<int, int, T> scale)
    {
        PngHeader header = content.Header;
        int stored = header.Channels, max = header.MaxSample;
        T[] scaled = new T[max + 1];
        for (int v = 0; v <= max; v++) scaled[v] = scale(v, max);
        bool hasAbsent = !content.Transparent.IsEmpty;
        Span<int> absent = stackalloc int[4];
        for (int c = 0; hasAbsent && c < stored; c++) absent[c] = BinaryPrimitives.ReadUInt16BigEndian(content.Transparent[(2 * c)..]);
        for (int i = 0, from = 0; i < pixels.Length; i += channels)
        {
            bool isAbsent = hasAbsent;
            for (int c = 0; c < stored; c++)
            {
                int value = raster[from++];
                if (header.Bits == 16) value = value << 8 | raster[from++];
                isAbsent &= value == absent[c];
                pixels[i + c] = scaled[value];
            }
            if (hasAbsent) pixels[i + stored] = scaled[isAbsent ? 0 : max];
        }
    }
}
