using System.Globalization;

namespace Gradwright;

/// <summary>
/// An equation of Einstein's summation convention, read against its operands: <c>bij,bjk->bik</c>. Every operand gets one label per dimension;
/// what an ellipsis stands for is labelled with digits, aligned at the last dimension.
/// </summary>
internal sealed class EinsumEquation
{
    private const string Dots = "...";

    private readonly string _equation;

    /// <summary>One label per dimension of each operand.</summary>
    public string[] Operands { get; }

    /// <summary>One label per dimension of the result.</summary>
    public string Output { get; }

    /// <summary>How long each label is.</summary>
    public Dictionary<char, long> Lengths { get; } = [];

    public EinsumEquation(string equation, ReadOnlySpan<Tensor> operands)
    {
        _equation = equation;
        string[] sides = equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        if (sides.Length > 2) throw Syntax("has more than one arrow");
        string[] inputs = sides[0].Split(',');
        if (inputs.Length != operands.Length) throw Syntax($"names {inputs.Length} operand(s), but {operands.Length} were given");
        int[] hidden = new int[inputs.Length];
        for (int i = 0; i < inputs.Length; i++) hidden[i] = HiddenDimensions(inputs[i], operands[i], i);
        int most = hidden.Max();
        Operands = [.. inputs.Select((input, i) => input.Replace(Dots, Digits(most - hidden[i], most), StringComparison.Ordinal))];
        for (int i = 0; i < inputs.Length; i++) ReadLengths(Operands[i], operands[i].Shape, i);
        Output = sides.Length == 2 ? ReadOutput(sides[1], most) : ImplicitOutput(most);
    }

    /// <summary>True for a label that an ellipsis stands for: only those stretch a length of 1.</summary>
    public static bool IsHidden(char label) => char.IsAsciiDigit(label);

    private int HiddenDimensions(string labels, Tensor x, int operand)
    {
        string letters = Letters(labels, out bool dots);
        int rest = x.Rank - letters.Length;
        if (rest < 0 || (rest > 0 && !dots))
            throw new ShapeException($"Einsum: in '{_equation}' the labels '{labels}' name {letters.Length} dimension(s), but operand {operand} {x.Shape} has {x.Rank}. "
                + "Give one letter per dimension; '...' stands for any number.");
        return rest;
    }

    private void ReadLengths(string labels, Shape shape, int operand)
    {
        for (int d = 0; d < labels.Length; d++)
        {
            long length = shape.Span[d], known = Lengths.GetValueOrDefault(labels[d], length);
            bool stretches = IsHidden(labels[d]) && (length == 1 || known == 1);
            if (length != known && !stretches)
                throw new ShapeException($"Einsum: in '{_equation}' label {(IsHidden(labels[d]) ? "..." : $"'{labels[d]}'")} is {length} long in operand {operand} {shape}, but {known} before. "
                    + "A label has one length; permute the operand, or use another letter.");
            Lengths[labels[d]] = Math.Max(length, known);
            if (length == 0 || known == 0) Lengths[labels[d]] = 0;
        }
    }

    private string ReadOutput(string labels, int hidden)
    {
        string letters = Letters(labels, out bool dots);
        foreach (char letter in letters)
        {
            if (!Lengths.ContainsKey(letter)) throw Syntax($"has '{letter}' in its result, but in no operand");
            if (letters.Count(c => c == letter) > 1) throw Syntax($"has '{letter}' twice in its result");
        }

        return dots ? labels.Replace(Dots, Digits(0, hidden), StringComparison.Ordinal) : labels;
    }

    // Without an arrow: what the ellipsis stands for, then every letter that occurs once, in alphabetical order.
    private string ImplicitOutput(int hidden)
        => Digits(0, hidden) + string.Concat(Lengths.Keys.Where(c => !IsHidden(c) && Operands.Sum(o => o.Count(l => l == c)) == 1).Order());

    private string Letters(string labels, out bool dots)
    {
        int at = labels.IndexOf(Dots, StringComparison.Ordinal);
        dots = at >= 0;
        string letters = dots ? labels.Remove(at, Dots.Length) : labels;
        foreach (char c in letters)
            if (!char.IsAsciiLetter(c)) throw Syntax($"has '{c}' where a letter a-z or A-Z is expected (and '...' once per operand)");
        return letters;
    }

    private static string Digits(int first, int end) => string.Concat(Enumerable.Range(first, end - first).Select(i => i.ToString(CultureInfo.InvariantCulture)));

    private ArgumentException Syntax(string problem) => new($"Einsum: '{_equation}' {problem}. Write it like 'bij,bjk->bik'.");
}
