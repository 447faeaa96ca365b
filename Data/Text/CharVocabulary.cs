using System.Text;

namespace Gradwright.Data;

/// <summary>
/// The different characters of a text, numbered in the order of their code points: a tokenizer whose tokens are characters (Unicode scalar values, so a
/// character outside the basic plane is one).
/// </summary>
/// <example><code>
/// var characters = CharVocabulary.Of(text);
/// int[] tokens = characters.Encode(text);
/// using var loader = new DataLoader(new TokenWindows(tokens, length: 64), batchSize: 32, shuffleSeed: 1);    // [32, 64], [32, 64]
/// </code></example>
public sealed class CharVocabulary
{
    private const string Format = "gradwright-characters";

    private readonly Rune[] _runes;
    private readonly Dictionary<Rune, int> _tokens;

    private CharVocabulary(Rune[] runes)
    {
        _runes = runes;
        _tokens = runes.Select((rune, token) => (rune, token)).ToDictionary(p => p.rune, p => p.token);
    }

    /// <summary>Number of different characters.</summary>
    public int Count => _runes.Length;

    /// <summary>The characters, in the order of their tokens.</summary>
    public string Characters => string.Concat(_runes);

    /// <summary>Those of a text.</summary>
    /// <exception cref="ArgumentException">The text is empty, or half of a surrogate pair is in it.</exception>
    public static CharVocabulary Of(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        Rune[] runes = [.. Runes(text).Distinct().Order()];
        return new(runes);
    }

    /// <summary>The token of each character.</summary>
    /// <exception cref="ArgumentException">A character is not in the vocabulary; the message says which and where.</exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> tokens = new(text.Length);
        foreach (Rune rune in Runes(text))
            tokens.Add(_tokens.TryGetValue(rune, out int token) ? token : throw new ArgumentException($"CharVocabulary: character {tokens.Count} is '{rune}' " +
                $"(U+{rune.Value:X4}), which is not among the {Count} characters of the vocabulary. Make it of all texts that will be encoded, or use BytePairEncoding, which encodes every text.", nameof(text)));
        return [.. tokens];
    }

    /// <summary>The text of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is none.</exception>
    public string Decode(params ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new(tokens.Length);
        foreach (int token in tokens)
            text.Append((uint)token < (uint)Count ? _runes[token] : throw new ArgumentOutOfRangeException(nameof(tokens), token, $"CharVocabulary: tokens are 0 to {Count - 1}."));
        return text.ToString();
    }

    /// <summary>Writes the characters as JSON.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, json => json.WriteString("characters", Characters));

    /// <summary>Reads what was saved.</summary>
    /// <exception cref="FittedFileException">The file is damaged or another one.</exception>
    public static CharVocabulary Load(string path) => FittedFile.Read(path, Format, json =>
    {
        string characters = FittedFile.Text(json, "characters");
        CharVocabulary read = Of(characters);
        return read.Characters == characters ? read : throw new FormatException("its characters are not different ones in order");
    });

    // EnumerateRunes puts a replacement where half a pair is; what cannot be given back is refused instead.
    private static IEnumerable<Rune> Runes(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune))
                throw new ArgumentException($"CharVocabulary: expected Unicode text, found half of a surrogate pair (U+{(int)text[i]:X4}) at " +
                    $"position {i}. Was a text cut within a character?", nameof(text));
            yield return rune;
            i += rune.Utf16SequenceLength;
        }
    }
}
