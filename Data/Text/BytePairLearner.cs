using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>
/// Finds merges: again and again the most frequent pair of neighbouring tokens becomes a token (Sennrich, Haddow and Birch 2016). Counts are kept up to
/// date in the words that change, instead of counted anew.
/// </summary>
internal sealed class BytePairLearner
{
    private readonly List<int[]> _words = [];       // each different piece of the text, in tokens
    private readonly List<long> _counts = [];       // how often it occurs
    private readonly Dictionary<(int, int), long> _pairs = [];
    private readonly Dictionary<(int, int), HashSet<int>> _where = [];      // in which words a pair is, or was

    public BytePairLearner(ReadOnlySpan<byte> text)
    {
        Dictionary<string, int> seen = [];
        var byText = seen.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> key = stackalloc char[TextPieces.Longest];
        while (!text.IsEmpty)
        {
            int length = TextPieces.FirstLength(text);
            for (int i = 0; i < length; i++) key[i] = (char)text[i];
            if (!byText.TryGetValue(key[..length], out int word))
            {
                byText[key[..length]] = word = _words.Count;
                int[] tokens = new int[length];
                for (int i = 0; i < length; i++) tokens[i] = text[i];
                _words.Add(tokens);
                _counts.Add(0);
            }
            _counts[word]++;
            text = text[length..];
        }
        for (int word = 0; word < _words.Count; word++) Count(word, _counts[word]);
    }

    /// <summary>The most frequent pair, and how often it occurs; of equally frequent ones the one with the smaller tokens.</summary>
    public ((int Left, int Right) Pair, long Count) Best()
    {
        ((int, int) best, long most) = ((0, 0), 0);
        foreach ((var pair, long count) in _pairs)
            if (count > most || (count == most && pair.CompareTo(best) < 0)) (best, most) = (pair, count);
        return (best, most);
    }

    /// <summary>Puts <paramref name="token"/> wherever the pair is.</summary>
    public void Merge((int Left, int Right) pair, int token)
    {
        foreach (int word in _where[pair])
        {
            Count(word, -_counts[word]);
            _words[word] = _words[word][..Merge(_words[word], pair, token)];
            Count(word, _counts[word]);
        }
        _where.Remove(pair);
    }

    /// <summary>Replaces every occurrence of a pair, from the left, by one token, in place; returns how many tokens remain.</summary>
    public static int Merge(Span<int> tokens, (int Left, int Right) pair, int token)
    {
        int length = 0;
        for (int i = 0; i < tokens.Length; i++)
            if (i + 1 < tokens.Length && tokens[i] == pair.Left && tokens[i + 1] == pair.Right)
            {
                tokens[length++] = token;
                i++;
            }
            else tokens[length++] = tokens[i];
        return length;
    }

    private void Count(int word, long by)
    {
        int[] tokens = _words[word];
        for (int i = 0; i + 1 < tokens.Length; i++)
        {
            (int, int) pair = (tokens[i], tokens[i + 1]);
            ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _);
            count += by;
            if (count == 0) _pairs.Remove(pair);
            if (by <= 0) continue;
            ref HashSet<int>? words = ref CollectionsMarshal.GetValueRefOrAddDefault(_where, pair, out _);
            (words ??= []).Add(word);
        }
    }
}
