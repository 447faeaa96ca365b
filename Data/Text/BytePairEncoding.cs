using System.Text;

namespace Gradwright.Data;

/// <summary>
/// Byte-pair encoding on bytes (Sennrich, Haddow and Birch 2016; on bytes: Radford et al. 2019). Tokens 0 to 255 are the bytes of UTF-8, each further one
/// stands for two earlier ones that were often neighbours in the text it was learned from. Every text can be encoded, and decodes to itself exactly.
/// </summary>
/// <example><code>
/// var pairs = BytePairEncoding.Learn(text, merges: 1000);
/// int[] tokens = pairs.Encode("To be, or not to be");
/// string same = pairs.Decode(tokens);
/// </code></example>
public sealed class BytePairEncoding
{
    private const string Format = "gradwright-byte-pairs";
    private const int Bytes = 256, MostMerges = 1 << 20;
    private const int LongestToken = TextPieces.Longest;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly (int Left, int Right)[] _merges;
    private readonly Dictionary<(int, int), int> _tokens = [];      // what a pair becomes; smaller tokens were learned earlier and go first
    private readonly byte[][] _texts;

    private BytePairEncoding((int Left, int Right)[] merges)
    {
        _merges = merges;
        _texts = new byte[Bytes + merges.Length][];
        for (int i = 0; i < Bytes; i++) _texts[i] = [(byte)i];
        for (int i = 0; i < merges.Length; i++)
        {
            (int left, int right) = merges[i];
            int token = Bytes + i;
            if (left < 0 || right < 0 || left >= token || right >= token || !_tokens.TryAdd((left, right), token) || _texts[left].Length + _texts[right].Length > LongestToken)
                throw new FormatException($"merge {i} of ({left}, {right}) is repeated, or not of two tokens below {token} that make at most " +
                    $"{LongestToken} bytes");
            _texts[token] = [.. _texts[left], .. _texts[right]];
        }
    }

    /// <summary>Number of tokens: 256 and the merges.</summary>
    public int Count => _texts.Length;

    /// <summary>Which two tokens the token 256 + i stands for.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => _merges;

    /// <summary>Learns from a text. Fewer merges come out where no pair occurs twice any more.</summary>
    /// <param name="text">What is typical of the texts to come.</param>
    /// <param name="merges">How many tokens to make beside the 256 bytes.</param>
    /// <exception cref="ArgumentException">Half of a surrogate pair is in the text.</exception>
    public static BytePairEncoding Learn(string text, int merges)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(merges);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(merges, MostMerges);
        BytePairLearner learner = new(ToBytes(text));
        List<(int, int)> found = [];
        while (found.Count < merges && learner.Best() is { Count: > 1 } best)
        {
            learner.Merge(best.Pair, Bytes + found.Count);
            found.Add(best.Pair);
        }
        return new([.. found]);
    }

    /// <summary>The tokens of a text.</summary>
    /// <exception cref="ArgumentException">Half of a surrogate pair is in the text.</exception>
    public int[] Encode(string text)
    {
        ReadOnlySpan<byte> bytes = ToBytes(text);
        List<int> tokens = new(bytes.Length / 2);
        Span<int> piece = stackalloc int[TextPieces.Longest];
        while (!bytes.IsEmpty)
        {
            int length = TextPieces.FirstLength(bytes);
            for (int i = 0; i < length; i++) piece[i] = bytes[i];
            tokens.AddRange(piece[..Merge(piece[..length])]);
            bytes = bytes[length..];
        }
        return [.. tokens];
    }

    /// <summary>The text of tokens. Where they are no whole characters, as a model may put them together, � stands for what is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is none.</exception>
    public string Decode(params ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString(DecodeBytes(tokens));

    /// <summary>The bytes of tokens, UTF-8 if they came from a text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is none.</exception>
    public byte[] DecodeBytes(params ReadOnlySpan<int> tokens)
    {
        List<byte> bytes = new(2 * tokens.Length);
        foreach (int token in tokens)
            bytes.AddRange((uint)token < (uint)Count ? _texts[token] : throw new ArgumentOutOfRangeException(nameof(tokens), token, $"BytePairEncoding: tokens are 0 to {Count - 1}."));
        return [.. bytes];
    }

    /// <summary>Writes the merges as JSON.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, json =>
    {
        json.WriteStartArray("merges");
        foreach ((int left, int right) in _merges)
        {
            json.WriteNumberValue(left);
            json.WriteNumberValue(right);
        }
        json.WriteEndArray();
    });

    /// <summary>Reads what was saved.</summary>
    /// <exception cref="FittedFileException">The file is damaged or another one.</exception>
    public static BytePairEncoding Load(string path) => FittedFile.Read(path, Format, json =>
    {
        int[] numbers = [.. json.GetProperty("merges").EnumerateArray().Select(n => n.GetInt32())];
        if (numbers.Length % 2 != 0 || numbers.Length > 2 * MostMerges) throw new FormatException($"its merges are {numbers.Length} numbers, not pairs");
        return new BytePairEncoding([.. numbers.Chunk(2).Select(pair => (pair[0], pair[1]))]);
    });

    // Merges in place, the earliest learned first, from the left; returns the new length.
    private int Merge(Span<int> tokens)
    {
        int length = tokens.Length;
        while (true)
        {
            int first = int.MaxValue;
            for (int i = 0; i + 1 < length; i++)
                if (_tokens.TryGetValue((tokens[i], tokens[i + 1]), out int token)) first = Math.Min(first, token);
            if (first == int.MaxValue) return length;
            length = BytePairLearner.Merge(tokens[..length], _merges[first - Bytes], first);
        }
    }

    private static byte[] ToBytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return Utf8.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"BytePairEncoding: expected Unicode text, found half of a surrogate pair at position {e.Index}. Was a " +
                "text cut within a character?", nameof(text), e);
        }
    }
}
