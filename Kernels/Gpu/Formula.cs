namespace Gradwright.Kernels;

/// <summary>Formulas as device functions in the kernels' dialect, written out from their C# definition.</summary>
internal static class Formula
{
    /// <summary><c>REAL name(REAL a)</c> of a unary kernel.</summary>
    public static string OfUnary<TKernel>(string name, DType dtype) where TKernel : struct, IUnaryKernel
        => Write(name, ["a"], a => dtype == DType.Float64
            ? TKernel.Apply<double, Symbol, SymbolicSimd<double>>(a[0])
            : TKernel.Apply<float, Symbol, SymbolicSimd<float>>(a[0]));

    /// <summary><c>REAL name(REAL a, REAL b)</c> of a binary kernel.</summary>
    public static string OfBinary<TKernel>(string name, DType dtype) where TKernel : struct, IBinaryKernel
        => Write(name, ["a", "b"], a => dtype == DType.Float64
            ? TKernel.Apply<double, Symbol, SymbolicSimd<double>>(a[0], a[1])
            : TKernel.Apply<float, Symbol, SymbolicSimd<float>>(a[0], a[1]));

    /// <summary>A function with several results: a structure, which it defines.</summary>
    /// <param name="name">Its name in the source.</param>
    /// <param name="structure">The structure's name.</param>
    /// <param name="parameters">The parameters' names.</param>
    /// <param name="results">The names of the structure's members.</param>
    /// <param name="formula">Gives the members' values, in order.</param>
    public static string WriteMany(string name, string structure, string[] parameters, string[] results, Func<Symbol[], Symbol[]> formula)
    {
        (string lines, Symbol[] values) = SourceWriter.Run(() => formula([.. parameters.Select(p => new Symbol(p))]));
        string assignments = string.Concat(results.Zip(values, (result, value) => $"    results.{result} = {value};\n"));
        return $"typedef struct {{ REAL {string.Join(", ", results)}; }} {structure};\n"
            + $"DEVICE {structure} {name}({string.Join(", ", parameters.Select(p => $"REAL {p}"))})\n{{\n{lines}    {structure} results;\n{assignments}    return results;\n}}\n";
    }

    /// <summary>A function of any number of parameters.</summary>
    /// <param name="name">Its name in the source.</param>
    /// <param name="parameters">Their names.</param>
    /// <param name="formula">Computes with the parameters' symbols, in a <see cref="SymbolicSimd{T}"/>.</param>
    public static string Write(string name, string[] parameters, Func<Symbol[], Symbol> formula)
    {
        (string lines, Symbol result) = SourceWriter.Run(() => formula([.. parameters.Select(p => new Symbol(p))]));
        return $"DEVICE REAL {name}({string.Join(", ", parameters.Select(p => $"REAL {p}"))})\n{{\n{lines}    return {result};\n}}\n";
    }
}
