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

    /// <summary>A function with two results, <c>RealPair</c>, which it defines.</summary>
    /// <inheritdoc cref="Write"/>
    public static string WritePair(string name, string[] parameters, Func<Symbol[], (Symbol First, Symbol Second)> formula)
    {
        (string lines, (Symbol first, Symbol second)) = SourceWriter.Run(() => formula([.. parameters.Select(p => new Symbol(p))]));
        return $"typedef struct {{ REAL first, second; }} RealPair;\nDEVICE RealPair {name}({string.Join(", ", parameters.Select(p => $"REAL {p}"))})\n{{\n{lines}"
            + $"    RealPair results;\n    results.first = {first};\n    results.second = {second};\n    return results;\n}}\n";
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
