namespace Gradwright.Data;

/// <summary>
/// Cuts UTF-8 into pieces that no merge crosses: a word, a number or a run of signs, each with at most one space before it; other white space by itself.
/// The pieces together are the text. None is longer than <see cref="Longest"/>, so that the work per byte is bounded.
/// </summary>
internal static class TextPieces
{
    public const int Longest = 64;

    private enum Kind
    {
        Space,
        Letter,         // also every byte of a character beyond ASCII
        Digit,
        Sign,
    }

    /// <summary>The length of the first piece of a text that is not empty.</summary>
    public static int FirstLength(ReadOnlySpan<byte> text)
    {
        int start = text[0] == ' ' && text.Length > 1 && KindOf(text[1]) != Kind.Space ? 1 : 0, end = start + 1;
        Kind kind = KindOf(text[start]);
        while (end < text.Length && end < Longest && KindOf(text[end]) == kind && !(kind == Kind.Space && BeginsNext(text[end..]))) end++;
        return end;
    }

    // The last space before a word belongs to the word.
    private static bool BeginsNext(ReadOnlySpan<byte> text) => text[0] == ' ' && text.Length > 1 && KindOf(text[1]) != Kind.Space;

    private static Kind KindOf(byte b) => b switch
    {
        (byte)' ' or (>= 9 and <= 13) => Kind.Space,
        (>= (byte)'0' and <= (byte)'9') => Kind.Digit,
        (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or >= 0x80 => Kind.Letter,
        _ => Kind.Sign,
    };
}
