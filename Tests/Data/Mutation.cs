using System.Buffers.Binary;
using System.Text;

namespace Gradwright.Tests.Data;

/// <summary>
/// Damages files, as disks, networks and attackers do: bits flip, ends are missing, pieces are doubled, lost, swapped or of another file, lengths are as large as they can be, numbers
/// and words in texts become others.
/// </summary>
internal sealed class Mutation(byte[][] files, Random random)
{
    private const int MostMutations = 4, LongestPiece = 64, MostCopies = 20, WordKind = 7;

    private static readonly byte[][] _words =
    [
        .. ((string[])["0", "-1", "1e400", "-1e-400", "2147483648", "9223372036854775807", "99999999999999999999", "1,5", "1.234,5", "NaN", "null", "true", "\"\"", "\"\\ud800\"", "{}", "[]", "[[", "\uFEFF", "\0", "é"])
            .Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly ulong[] _lengths = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, long.MaxValue, ulong.MaxValue];

    private readonly bool _isText = files.All(file => !file.AsSpan().ContainsAnyInRange((byte)0, (byte)8));     // where other damage mostly ends at the syntax

    /// <summary>One of the files with one to four kinds of damage; repaired in three of four cases, if there is a way.</summary>
    public byte[] Next(Func<byte[], byte[]>? repair)
    {
        byte[] file = files[random.Next(files.Length)];
        for (int left = random.Next(2) == 0 ? 1 : random.Next(2, MostMutations + 1); left > 0; left--) file = Mutate(file);
        return repair is not null && random.Next(4) > 0 ? repair(file) : file;
    }

    private byte[] Mutate(byte[] file)
    {
        int at = random.Next(file.Length + 1), length = random.Next(Math.Min(file.Length - at, LongestPiece) + 1);
        ReadOnlySpan<byte> before = file.AsSpan(0, at), piece = file.AsSpan(at, length), after = file.AsSpan(at + length);
        switch (_isText && random.Next(3) > 0 ? WordKind : random.Next(14))
        {
            case 0:
                return [.. before];
            case 1:
                return [.. before, .. after];
            case 2:
                return [.. before, .. Enumerable.Repeat(piece.ToArray(), random.Next(2, MostCopies)).SelectMany(copy => copy), .. after];
            case 3:
                byte[] other = files[random.Next(files.Length)];
                int from = random.Next(other.Length + 1);
                return [.. before, .. other.AsSpan(from, Math.Min(other.Length - from, LongestPiece)), .. piece, .. after];
            case 4:
                byte[] noise = new byte[random.Next(1, 9)];
                random.NextBytes(noise);
                return [.. before, .. noise, .. piece, .. after];
            case 5:
                int half = random.Next(length + 1);
                return [.. before, .. piece[half..], .. piece[..half], .. after];
            case 6:
                return WithLength(file, at);
            case WordKind or 8 or 9:
                return WithWord(file, at);
            default:
                return WithByte(file, at);
        }
    }

    private byte[] WithByte(byte[] file, int at)
    {
        if (at == file.Length) return file;
        byte[] copy = [.. file];
        copy[at] = random.Next(3) switch
        {
            0 => (byte)(copy[at] ^ 1 << random.Next(8)),
            1 => (byte)random.Next(256),
            _ => (byte)(random.Next(2) == 0 ? 0xFF : 0x7F + random.Next(2)),
        };
        return copy;
    }

    // A number of 1 to 8 bytes in either order, of those that make trouble, or about the file's own length.
    private byte[] WithLength(byte[] file, int at)
    {
        int size = 1 << random.Next(4);
        if (at + size > file.Length) return file;
        ulong number = random.Next(3) > 0 ? _lengths[random.Next(_lengths.Length)] : (ulong)Math.Max(0, file.Length + random.Next(-9, 9));
        byte[] copy = [.. file], bytes = new byte[8];
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            bytes.AsSpan(0, size).CopyTo(copy.AsSpan(at));
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
            bytes.AsSpan(8 - size).CopyTo(copy.AsSpan(at));
        }

        return copy;
    }

    // Another word in the place of the one there.
    private byte[] WithWord(byte[] file, int at)
    {
        (int start, int end) = (at, at);
        while (start > 0 && IsWord(file[start - 1])) start--;
        while (end < file.Length && IsWord(file[end])) end++;
        return [.. file.AsSpan(0, start), .. _words[random.Next(_words.Length)], .. file.AsSpan(end)];
    }

    private static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'+' or (byte)'.';
}
