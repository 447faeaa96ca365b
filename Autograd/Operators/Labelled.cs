using Gradwright.Kernels;

namespace Gradwright;

/// <summary>A tensor with one letter per dimension.</summary>
internal readonly record struct Labelled(Tensor Value, string Labels)
{
    /// <summary>An operand whose labels are all different: repeated ones become a diagonal, stretched ones of length 1 are dropped.</summary>
    public static Labelled Of(Tensor x, string labels, EinsumEquation equation)
    {
        for (int d = labels.Length - 1; d >= 0; d--)
        {
            if (x.Shape.Span[d] == 1 && equation.Lengths[labels[d]] != 1) (x, labels) = (x.Squeeze(d), labels.Remove(d, 1));
            else if (labels.IndexOf(labels[d]) is int first && first < d)
            {
                // The diagonal is the last dimension of what is left.
                x = x.Diagonal(0, first, d);
                labels = labels.Remove(d, 1).Remove(first, 1) + labels[d];
                d = labels.Length;
            }
        }

        return new(x, labels);
    }

    public Labelled SumOver(Func<char, bool> superfluous)
    {
        string labels = Labels;
        int[] axes = [.. Enumerable.Range(0, labels.Length).Where(d => superfluous(labels[d]))];
        return axes.Length == 0 ? this : new(Value.Sum(axes), string.Concat(labels.Where(c => !superfluous(c))));
    }

    /// <summary>The product, summed over the labels that both have and nobody needs any more: a matrix product [batch, m, k] × [batch, k, n].</summary>
    public static Labelled Product(Labelled a, Labelled b, string needed, Dictionary<char, long> lengths)
    {
        a = a.SumOver(c => !b.Labels.Contains(c) && !needed.Contains(c));
        string la = a.Labels;
        b = b.SumOver(c => !la.Contains(c) && !needed.Contains(c));
        string lb = b.Labels, batch = Where(la, c => lb.Contains(c) && needed.Contains(c)), k = Where(la, c => lb.Contains(c) && !needed.Contains(c));
        string m = Where(la, c => !lb.Contains(c)), n = Where(lb, c => !la.Contains(c));
        Tensor left = a.Grouped(batch, m, k), right = b.Grouped(batch, k, n);
        Tensor y = k.Length > 0 ? left.MatMul(right) : left * right;
        string labels = batch + m + n;
        return new(y.Reshape(Shape.Create([.. labels.Select(c => lengths[c])])), labels);

        static string Where(string labels, Func<char, bool> condition) => string.Concat(labels.Where(condition));
    }

    /// <summary>With the dimensions in the order of the result.</summary>
    public Tensor Result(EinsumEquation equation)
    {
        string labels = Labels;
        return Value.Permute([.. equation.Output.Select(c => labels.IndexOf(c))]);
    }

    /// <summary>[batch…, rows, columns], each group of labels merged into one dimension.</summary>
    private Tensor Grouped(string batch, string rows, string columns)
    {
        string labels = Labels;
        Tensor y = Value.Permute([.. (batch + rows + columns).Select(c => labels.IndexOf(c))]);
        ReadOnlySpan<long> lengths = y.Shape.Span;
        return y.Reshape(Shape.Create([.. lengths[..batch.Length], Packing.Count(lengths.Slice(batch.Length, rows.Length)), Packing.Count(lengths[(batch.Length + rows.Length)..])]));
    }
}
