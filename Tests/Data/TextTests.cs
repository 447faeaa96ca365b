using System.Text;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class TextTests
{
    private const string Sample = "the cat sat on the mat; the cat ate 123 rats.\n\n  the rat — das Öl, 猫と鼠 🐈🐈!\t\tthe end   ";

    [Test]
    public void Characters_are_numbered_in_order_and_come_back()
    {
        CharVocabulary characters = CharVocabulary.Of("banana 🐈");
        Assert.That((characters.Count, characters.Characters), Is.EqualTo((5, " abn🐈")));
        Assert.That(characters.Encode("ab🐈"), Is.EqualTo(new[] { 1, 2, 4 }));
        Assert.That(characters.Decode(4, 0, 3), Is.EqualTo("🐈 n"));
        Assert.That(() => characters.Encode("abc"), Throws.ArgumentException.With.Message.Contains("character 2 is 'c' (U+0063)"));
        Assert.That(() => characters.Decode(5), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 4"));
        Assert.That(() => CharVocabulary.Of("a\uD83D"), Throws.ArgumentException.With.Message.Contains("U+D83D) at position 1"));
    }

    // The classic example, worked out by hand: aa occurs 4 times, then (aa)b 2 times and with it … in pieces of one word.
    [Test]
    public void The_most_frequent_pair_is_merged_first()
    {
        BytePairEncoding pairs = BytePairEncoding.Learn("abab abab cd", merges: 3);
        Assert.That(pairs.Merges, Is.EqualTo(new[] { ((int)'a', (int)'b'), (256, 256) }), "\" \" + abab and cd occur once only, so there is no third");
        Assert.That(pairs.Encode("ababab cd"), Is.EqualTo(new[] { 257, 256, ' ', 'c', 'd' }));
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(1000)]
    public void Every_text_comes_back_whatever_was_learned(int merges)
    {
        BytePairEncoding pairs = BytePairEncoding.Learn(Sample, merges);
        Random random = new(merges);
        List<string> texts = [Sample, "", " ", "   \n", new('x', 1000), new(' ', 200), "\0\u0001\uFFFD\u0301e\u200B"];
        for (int i = 0; i < 200; i++)
            texts.Add(string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => new Rune(random.Next(4) > 0 ? random.Next(128) : random.Next(0xD800)).ToString())));
        foreach (string text in texts) Assert.That(pairs.Decode(pairs.Encode(text)), Is.EqualTo(text));
        Assert.That(pairs.Encode("the cat"), Has.Length.LessThanOrEqualTo(merges == 0 ? 7 : merges == 5 ? 6 : 2));
        Assert.That(() => pairs.Encode("ab\uDC00"), Throws.ArgumentException.With.Message.Contains("position 2"));
    }

    [Test]
    public void Learning_with_counts_kept_up_to_date_finds_what_counting_anew_finds()
    {
        string text = string.Concat(Enumerable.Repeat(Sample, 3)) + string.Join(' ', Enumerable.Range(0, 300).Select(i => i * i));
        BytePairEncoding pairs = BytePairEncoding.Learn(text, merges: 60);
        List<int[]> words = [];
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        BytePairEncoding none = BytePairEncoding.Learn("", 0);
        for (int at = 0, length; at < bytes.Length; at += length)
        {
            length = TextPieces.FirstLength(bytes.AsSpan(at));
            words.Add([.. bytes[at..(at + length)].Select(b => (int)b)]);
        }
        Assert.That(words.Sum(w => w.Length), Is.EqualTo(none.Encode(text).Length));
        for (int i = 0; i < pairs.Merges.Count; i++)
        {
            (int, int) best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
            Assert.That(pairs.Merges[i], Is.EqualTo(best), $"merge {i}");
            words = [.. words.Select(w => w.AsSpan(0, BytePairLearner.Merge(w, best, 256 + i)).ToArray())];
        }
    }

    [Test]
    public void Broken_characters_of_a_model_become_replacements()
    {
        BytePairEncoding pairs = BytePairEncoding.Learn("", 0);
        Assert.That(pairs.Decode('a', 0xC3, 'b'), Is.EqualTo("a\uFFFDb"));
        Assert.That(() => pairs.Decode(256), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 255"));
    }

    [Test]
    public void What_was_saved_encodes_alike_and_damage_is_refused()
    {
        using var folder = new TemporaryFolder();
        BytePairEncoding pairs = BytePairEncoding.Learn(Sample, 20);
        CharVocabulary characters = CharVocabulary.Of(Sample);
        pairs.Save(folder["pairs.json"]);
        characters.Save(folder["characters.json"]);
        Assert.That(BytePairEncoding.Load(folder["pairs.json"]).Merges, Is.EqualTo(pairs.Merges));
        Assert.That(CharVocabulary.Load(folder["characters.json"]).Characters, Is.EqualTo(characters.Characters));
        Assert.That(() => CharVocabulary.Load(folder["pairs.json"]), Throws.TypeOf<FittedFileException>().With.Message.Contains("it is gradwright-byte-pairs"));
        foreach (string merges in (string[])["[1]", "[1, 256]", "[-1, 0]", "[97, 98, 97, 98]", "[1e9, 2]", "7"])
        {
            File.WriteAllText(folder["bad.json"], $$"""{"format": "gradwright-byte-pairs", "version": 1, "merges": {{merges}}}""");
            Assert.That(() => BytePairEncoding.Load(folder["bad.json"]), Throws.TypeOf<FittedFileException>(), merges);
        }
    }

    [Test]
    public void Windows_and_their_targets_are_one_token_apart()
    {
        Assert.That(Windows(new(Enumerable.Range(0, 10).ToArray(), length: 3)), Is.EqualTo(new[] { "0 1 2 > 1 2 3", "3 4 5 > 4 5 6", "6 7 8 > 7 8 9" }));
        Assert.That(Windows(new(Enumerable.Range(0, 6).ToArray(), length: 3, stride: 1)), Is.EqualTo(new[] { "0 1 2 > 1 2 3", "1 2 3 > 2 3 4", "2 3 4 > 3 4 5" }));
        Assert.That(() => new TokenWindows(new int[3], 3), Throws.ArgumentException.With.Message.Contains("take at least 4, but there are 3"));

        static string[] Windows(TokenWindows windows)
        {
            using DataLoader loader = new(windows, 1);
            return [.. loader.Select(b => $"{string.Join(' ', b.Input.ToArray<long>())} > {string.Join(' ', b.Target.ToArray<long>())}")];
        }
    }
}
