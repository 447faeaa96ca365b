using System.Text;

namespace Gradwright.Kernels;

/// <summary>Collects the lines of a function while its formula runs; what was computed before is not written twice.</summary>
internal sealed class SourceWriter
{
    [ThreadStatic] private static SourceWriter? _current;

    private readonly StringBuilder _lines = new();
    private readonly Dictionary<(string, string), string> _known = [];

    public static SourceWriter Current => _current ?? throw new InvalidOperationException("A formula is written out by Formula.Write only.");

    /// <summary>The variable that holds an expression's value.</summary>
    public string Declare(string type, string expression)
    {
        if (_known.TryGetValue((type, expression), out string? name)) return name;
        name = $"v{_known.Count}";
        _known.Add((type, expression), name);
        _lines.Append("    const ").Append(type).Append(' ').Append(name).Append(" = ").Append(expression).Append(";\n");
        return name;
    }

    /// <summary>What <paramref name="formula"/> computes, as lines, and its result.</summary>
    public static (string Lines, TResult Result) Run<TResult>(Func<TResult> formula)
    {
        SourceWriter? outer = _current;
        SourceWriter writer = _current = new();
        try
        {
            TResult result = formula();
            return (writer._lines.ToString(), result);
        }
        finally
        {
            _current = outer;
        }
    }
}
