using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>
/// Reads and writes the idx format of the MNIST files: two zero bytes, a type code, the rank, one big-endian 32-bit size per dimension, then the
/// big-endian numbers in row-major order and nothing after them. Files may be gzip-compressed; that is seen from their content, not their name.
/// </summary>
public static class IdxFile
{
    private const string Remedy = "Download or copy the file again.";

    /// <summary>
    /// The most bytes of data a file may declare unless the caller says otherwise: 2³⁰, about 1.3 million images of MNIST's size. It is checked before anything is allocated, since
    /// a small compressed file can unpack to a thousand times its size.
    /// </summary>
    public const long MaxBytes = 1L << 30;

    private const int FirstAllocation = 1 << 20;   // bytes; more is allocated only as data arrive, so a header's claim alone costs nothing

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most bytes of data it may declare; a file that claims more is refused before anything is allocated.</param>
    /// <exception cref="IdxFormatException">The file is no idx file, is larger than allowed, is cut short or longer than its header says, or its compressed data are
    /// damaged.</exception>
    public static IdxArray Read(string path, long maxBytes = MaxBytes)
    {
        using FileStream file = File.OpenRead(path);
        return Read(file, path, maxBytes);
    }

    /// <summary>Reads a seekable stream from its current position to its end; <paramref name="name"/> stands for it in errors.</summary>
    /// <inheritdoc cref="Read(string, long)"/>
    public static IdxArray Read(Stream stream, string name, long maxBytes = MaxBytes)
    {
        Span<byte> start = stackalloc byte[2];
        long origin = stream.Position;
        bool compressed = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1F, 0x8B];
        stream.Position = origin;
        if (!compressed) return ReadPlain(stream, name, maxBytes);
        try
        {
            using var gzip = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
            return ReadPlain(gzip, name, maxBytes);
        }
        catch (InvalidDataException e)
        {
            throw new IdxFormatException($"{name}: expected intact gzip data, found damaged data ({e.Message.TrimEnd('.')}). {Remedy}", e);
        }
    }

    /// <summary>Writes a file, gzip-compressed if its name ends with ".gz". It appears whole or not at all.</summary>
    public static void Write(string path, IdxArray array)
    {
        bool compressed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        AtomicFile.Write(path, file =>
        {
            if (!compressed)
            {
                Write(file, array);
                return;
            }
            using var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true);
            Write(gzip, array);
        });
    }

    /// <summary>Writes the plain format to a stream.</summary>
    public static void Write(Stream stream, IdxArray array)
    {
        var header = new byte[4 + 4 * array.Shape.Length];
        header[2] = (byte)array.Type;
        header[3] = (byte)array.Shape.Length;
        for (int i = 0; i < array.Shape.Length; i++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), array.Shape[i]);
        stream.Write(header);
        byte[] bytes = array.Bytes.ToArray();
        SwapBigEndian(bytes, IdxArray.SizeOf(array.Type));
        stream.Write(bytes);
    }

    private static IdxArray ReadPlain(Stream stream, string name, long maxBytes)
    {
        Span<byte> magic = stackalloc byte[4];
        int found = stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        if (found < 4) throw new IdxFormatException($"{name}: expected an idx header of at least 8 bytes, found only {found} bytes. {Remedy}");
        var type = (IdxType)magic[2];
        int itemSize = IdxArray.SizeOf(type), rank = magic[3];
        if (magic[0] != 0 || magic[1] != 0 || itemSize == 0 || rank == 0)
            throw new IdxFormatException($"{name}: expected the magic bytes 00 00, a type code (08, 09, 0B, 0C, 0D or 0E) and a rank of at least " +
                $"1, found {magic[0]:X2} {magic[1]:X2} {magic[2]:X2} {magic[3]:X2}, so this is no idx file. Check that the name and the folder are " +
                "right, or download it again.");

        int[] shape = ReadShape(stream, rank, itemSize, name, Math.Min(maxBytes, Array.MaxLength), out int length);
        byte[] bytes = ReadExactly(stream, length, shape, name);
        SwapBigEndian(bytes, itemSize);
        return new IdxArray(type, shape, bytes);
    }

    private static int[] ReadShape(Stream stream, int rank, int itemSize, string name, long most, out int length)
    {
        Span<byte> sizes = stackalloc byte[4 * rank];
        int found = stream.ReadAtLeast(sizes, sizes.Length, throwOnEndOfStream: false);
        if (found < sizes.Length)
            throw new IdxFormatException($"{name}: expected {rank} sizes of 4 bytes each after the magic bytes, found only {found} bytes. {Remedy}");
        var shape = new int[rank];
        long total = itemSize;
        for (int i = 0; i < rank; i++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(sizes[(4 * i)..]);
            total *= size;
            if (size == 0 || total > most)
                throw new IdxFormatException($"{name}: expected positive sizes that make at most {most} bytes of data, found the size {size} in dimension {i} of {rank}. " +
                    (size == 0 ? Remedy : "Is the header intact? If so, allow more with maxBytes."));
            shape[i] = (int)size;
        }
        length = (int)total;
        return shape;
    }

    private static byte[] ReadExactly(Stream stream, int length, int[] shape, string name)
    {
        var bytes = new byte[Math.Min(length, FirstAllocation)];
        int filled = 0;
        while (true)
        {
            int wanted = bytes.Length - filled;
            int read = stream.ReadAtLeast(bytes.AsSpan(filled), wanted, throwOnEndOfStream: false);
            filled += read;
            if (read < wanted)
                throw new IdxFormatException($"{name}: expected {length} bytes of data for the shape [{string.Join(", ", shape)}], " +
                    $"found only {filled}: the file is cut short. {Remedy}");
            if (filled == length) break;
            Array.Resize(ref bytes, (int)Math.Min(length, 4L * bytes.Length));
        }
        if (stream.ReadByte() >= 0)   // at the end of a gzip stream this also checks its CRC
            throw new IdxFormatException($"{name}: expected the file to end after {length} bytes of data for the shape " +
                $"[{string.Join(", ", shape)}], " +
                $"found more. The header does not belong to these data. {Remedy}");
        return bytes;
    }

    private static void SwapBigEndian(Span<byte> bytes, int itemSize)
    {
        if (!BitConverter.IsLittleEndian) return;
        switch (itemSize)
        {
            case 2: Swap<short>(bytes, BinaryPrimitives.ReverseEndianness); break;
            case 4: Swap<int>(bytes, BinaryPrimitives.ReverseEndianness); break;
            case 8: Swap<long>(bytes, BinaryPrimitives.ReverseEndianness); break;
        }
    }

    private delegate void Reverse<T>(ReadOnlySpan<T> source, Span<T> destination);

    private static void Swap<T>(Span<byte> bytes, Reverse<T> reverse) where T : unmanaged
    {
        Span<T> items = MemoryMarshal.Cast<byte, T>(bytes);
        reverse(items, items);
    }
}
