using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// The table of rules: one entry per op, grouped by family in the files <c>OnnxOps.*.cs</c>. An entry says which nodes of the format compute the same.
/// </summary>
internal static partial class OnnxOps
{
    private static readonly Dictionary<Type, Action<OnnxContext>> _rules = [];

    static OnnxOps()
    {
        AddElementwise();
        AddScalars();
        AddComparisons();
        AddActivations();
        AddViews();
        AddJoining();
        AddIndexing();
        AddProducts();
        AddConvolution();
        AddPooling();
        AddSampling();
        AddNormalization();
        AddReductions();
        AddAttention();
        AddRecurrent();
    }

    /// <summary>Ops that can be written.</summary>
    public static IReadOnlyCollection<Type> Writable => _rules.Keys;

    /// <summary>Adds the nodes of an op.</summary>
    /// <exception cref="OnnxExportException">The op has no rule, or attributes that the format cannot express.</exception>
    public static void Write(OnnxContext c)
    {
        if (_rules.TryGetValue(c.Op.GetType(), out Action<OnnxContext>? rule)) rule(c);
        else if (c.Op is IStreamOp) throw c.Refuse(Draws);
        else if (c.Op is BatchNorm) throw c.Refuse("it normalises by the batch's own statistics, as in training. Record the model in evaluation mode: model.Eval().");
        else throw c.Refuse("no nodes of the format are known that compute it. Express it by other ops (docs/support.md lists them), or export the part of the model in front of it.");
    }

    private const string Draws = "it draws random numbers, which a file cannot repeat. Record the model in evaluation mode: model.Eval().";

    /// <summary>An op with one result.</summary>
    private static void Of<TOp>(Func<OnnxContext, TOp, string> rule) where TOp : Op => _rules.Add(typeof(TOp), c => c.Set(0, rule(c, (TOp)c.Op)));

    /// <summary>An op that the format has under another name, with the same operands.</summary>
    private static void Same<TOp>(string type) where TOp : Op => _rules.Add(typeof(TOp), c => c.Set(0, c.Emit(type, c.All)));

    /// <summary>An op with several results, which the rule sets itself.</summary>
    private static void Several<TOp>(Action<OnnxContext, TOp> rule) where TOp : Op => _rules.Add(typeof(TOp), c => rule(c, (TOp)c.Op));
}
