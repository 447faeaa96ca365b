using System.Text;

namespace Gradwright;

public sealed unsafe partial class Tensor
{
    private const int SummarizeAbove = 1000, EdgeItems = 3;

    /// <summary>Shape, type, place and values; the middle of long dimensions is left out above 1,000 elements.</summary>
    public override string ToString()
    {
        if (IsDisposed) return $"Tensor {Describe()} (freed)";
        StringBuilder text = new($"Tensor {Describe()} on {Accelerator.Name}{(IsParameter ? ", parameter" : "")}");
        if (Count == 0) return text.ToString();
        text.Append(Rank == 0 ? ": " : "\n");
        byte[] bytes = new byte[checked(Count * DType.Size)];
        fixed (byte* p = bytes) Accelerator.GatherToHost(Buffer, _layout, DType.Size, p);

        bool summarize = Count > SummarizeAbove;
        List<long> shown = [];
        Visit(0, 0, summarize, shown.Add, static _ => { });
        Func<double, string> format = NumberFormat(shown.Select(i => At(bytes, i)));
        int width = shown.Max(i => format(At(bytes, i)).Length);
        Visit(0, 0, summarize,
            i => text.Append(format(At(bytes, i)).PadLeft(Rank == 0 ? 0 : width)),
            piece => text.Append(piece));
        return text.ToString();
    }

    private double At(byte[] bytes, long index) => ReadElement(bytes.AsSpan((int)(index * DType.Size), DType.Size), DType);

    /// <summary>Walks the shown elements in order; punctuation goes to <paramref name="write"/>.</summary>
    private void Visit(int axis, long position, bool summarize, Action<long> element, Action<string> write)
    {
        if (axis == Rank)
        {
            element(position);
            return;
        }

        long n = Shape.Span[axis];
        string separator = axis == Rank - 1 ? ", " : ",\n" + new string(' ', axis + 1);
        write("[");
        for (long i = 0; i < n; i++)
        {
            if (i > 0) write(separator);
            if (summarize && n > 2 * EdgeItems && i == EdgeItems)
            {
                write("…");
                i = n - EdgeItems - 1;
                continue;
            }

            Visit(axis + 1, position * n + i, summarize, element, write);
        }

        write("]");
    }

    private Func<double, string> NumberFormat(IEnumerable<double> values)
    {
        if (DType == DType.Bool) return static v => v != 0 ? "true" : "false";
        if (!DType.IsFloating) return static v => v.ToString("0");
        double[] finite = [.. values.Where(double.IsFinite).Select(Math.Abs)];
        double largest = finite.DefaultIfEmpty(0).Max(), smallest = finite.Where(v => v > 0).DefaultIfEmpty(1).Min();
        if (finite.All(v => v == Math.Floor(v)) && largest < 1e6) return static v => v.ToString("0.");
        return largest >= 1e5 || smallest < 1e-4 ? static v => v.ToString("0.0000e+00") : static v => v.ToString("0.0000");
    }
}
