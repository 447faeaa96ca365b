using System.Text;

namespace Gradwright;

/// <summary>Puts together what a compiler gets: the specialisation's definitions, the prelude, formulas and the file.</summary>
internal static class KernelText
{
    private static readonly KernelFile _prelude = new(typeof(KernelText).Assembly, "prelude.cuh");

    public static string Assemble(KernelSpec spec)
    {
        StringBuilder text = new();
        if (spec.UsesDouble) text.Append("#define USES_DOUBLE 1\n");
        text.Append(spec.Defines).Append(_prelude.Text);
        if (spec.Functions.Length > 0) text.Append("#line 1 \"formula\"\n").Append(spec.Functions).Append('\n');
        return text.Append(spec.File.Text).ToString();
    }
}
