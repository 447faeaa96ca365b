using System.IO.Compression;

namespace Gradwright.Data;

/// <summary>
/// The stored samples of a PNG, unpacked and in place: [height, width, channels], one byte each, or two (the higher first) where samples have 16 bits.
/// </summary>
internal static class PngRaster
{
    // Where the passes of Adam7 begin and how far apart their pixels are.
    private static ReadOnlySpan<byte> StartX => [0, 4, 0, 2, 0, 1, 0];
    private static ReadOnlySpan<byte> StartY => [0, 0, 4, 0, 2, 0, 1];
    private static ReadOnlySpan<byte> StepX => [8, 8, 4, 4, 2, 2, 1];
    private static ReadOnlySpan<byte> StepY => [8, 8, 8, 4, 4, 2, 2];

    private const int MostBuffered = 1 << 16;

    public static byte[] Read(in PngContent content, string name)
    {
        PngHeader header = content.Header;
        (int sampleBytes, Int128 length) = (header.Bits == 16 ? 2 : 1, StoredBytes(header));
        // Deflate packs at most 1032 to 1, so a header that claims more than the data can give is refused before anything is allocated.
        if (!PictureLimits.FitsArray(header.Width, header.Height, header.Channels * sampleBytes) || length > 1032 * content.Packed.Length)
            throw new PngFormatException($"{name}: expected data for {header.Width} × {header.Height} pixels, which is {length} bytes, found " +
                $"{content.Packed.Length} packed bytes, which cannot give as many. {PngContent.Remedy}");
        byte[] raster = GC.AllocateUninitializedArray<byte>(checked((int)((long)header.Width * header.Height * header.Channels * sampleBytes)));
        try
        {
            // The unpacker is asked for many rows at once: each question costs more than a small picture's row.
            using var zlib = new BufferedStream(new ZLibStream(content.Packed, CompressionMode.Decompress, leaveOpen: true), (int)Int128.Min(length + 1, MostBuffered));
            if (header.Interlaced)
                for (int pass = 0; pass < 7; pass++) ReadPass(zlib, header, raster, StartX[pass], StartY[pass], StepX[pass], StepY[pass], name);
            else ReadPass(zlib, header, raster, 0, 0, 1, 1, name);
            if (zlib.ReadByte() >= 0)
                throw new PngFormatException($"{name}: expected the data to end after {header.Height} rows of pixels, found more data after " +
                    $"them. {PngContent.Remedy}");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)   // IOException: zlib asks for a preset dictionary
        {
            throw new PngFormatException($"{name}: expected intact compressed data, found damaged data ({e.Message.TrimEnd('.')}). {PngContent.Remedy}", e);
        }
        return raster;
    }

    private static Int128 StoredBytes(PngHeader header)
    {
        if (!header.Interlaced) return (Int128)header.Height * (1 + header.RowBytes(header.Width));
        Int128 length = 0;
        for (int pass = 0; pass < 7; pass++)
        {
            (int width, int height) = (Count(header.Width, StartX[pass], StepX[pass]), Count(header.Height, StartY[pass], StepY[pass]));
            if (width > 0) length += (Int128)height * (1 + header.RowBytes(width));
        }
        return length;
    }

    private static int Count(int size, int start, int step) => size <= start ? 0 : (size - start - 1) / step + 1;

    private static void ReadPass(Stream zlib, PngHeader header, byte[] raster, int startX, int startY, int stepX, int stepY, string name)
    {
        (int width, int height) = (Count(header.Width, startX, stepX), Count(header.Height, startY, stepY));
        if (width == 0 || height == 0) return;
        int length = (int)header.RowBytes(width), pixel = header.Channels * (header.Bits == 16 ? 2 : 1);
        bool direct = stepX == 1 && header.Bits >= 8;       // rows are stored as they lie in the raster
        byte[] buffer = direct ? [] : new byte[2 * length];
        ReadOnlySpan<byte> above = new byte[length];
        for (int y = 0; y < height; y++)
        {
            Span<byte> target = raster.AsSpan(checked((int)((long)(startY + y * stepY) * header.Width * pixel)), header.Width * pixel);
            Span<byte> row = direct ? target : buffer.AsSpan(y % 2 * length, length);
            int kind = zlib.ReadByte();
            if (kind < 0 || zlib.ReadAtLeast(row, length, throwOnEndOfStream: false) < length)
                throw new PngFormatException($"{name}: expected {height} rows of pixels, found only {y}. {PngContent.Remedy}");
            if (kind >= PngFilter.Kinds)
                throw new PngFormatException($"{name}: expected a filter of 0 to {PngFilter.Kinds - 1} for row {y}, found {kind}. {PngContent.Remedy}");
            PngFilter.Undo(kind, row, above, header.FilterStep);
            above = row;
            if (!direct) Spread(row, header, target, width, startX, stepX, pixel);
        }
    }

    // Unpacks samples of less than a byte, and puts a pass's pixels where they belong.
    private static void Spread(ReadOnlySpan<byte> row, PngHeader header, Span<byte> target, int width, int startX, int stepX, int pixel)
    {
        for (int x = 0; x < width; x++)
        {
            int at = (startX + x * stepX) * pixel;
            if (header.Bits >= 8) row.Slice(x * pixel, pixel).CopyTo(target[at..]);
            else
            {
                int bit = x * header.Bits;          // such pictures have one channel; the first pixel has the highest bits
                target[at] = (byte)(row[bit / 8] >> (8 - header.Bits - bit % 8) & header.MaxSample);
            }
        }
    }
}
