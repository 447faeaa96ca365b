using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Gradwright.Analyzers;

/// <summary>Which calls and types are Gradwright's: always by their full name.</summary>
internal static class Known
{
    public const string Tape = "Gradwright.Tape", Scope = "Gradwright.TensorScope", Tensor = "Gradwright.Tensor", Operators = "Gradwright.TensorOperators", Loss = "Gradwright.Layers.Loss",
        Module = "Gradwright.Layers.Module", Sequential = "Gradwright.Layers.Sequential", Softmax = "Gradwright.Layers.Softmax", Optimizer = "Gradwright.Optim.Optimizer", Trainer = "Gradwright.Training.Trainer";

    private static readonly SymbolDisplayFormat _plain = new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <summary>Whether a type is the named one or derives from it, whatever its type arguments.</summary>
    public static bool Is(ITypeSymbol? type, string name)
    {
        for (; type is not null; type = type.BaseType)
            if (type.ToDisplayString(_plain) == name) return true;
        return false;
    }

    /// <summary>Whether a call is of a method with this name, declared in this type, in one that it derives from, or in an extension block within it.</summary>
    public static bool IsCall(IOperation operation, string type, string method) => operation is IInvocationOperation call && call.TargetMethod.Name == method && Is(Outermost(call.TargetMethod.ContainingType), type);

    /// <summary>What a method is called on, extension or not.</summary>
    public static IOperation? Receiver(IInvocationOperation call)
        => call.Instance ?? (call.TargetMethod.IsExtensionMethod || call.TargetMethod.ContainingType.ContainingType is not null ? call.Arguments.FirstOrDefault()?.Value : null);

    /// <summary>Without conversions and parentheses around it.</summary>
    public static IOperation Bare(IOperation operation)
    {
        while (true)
        {
            if (operation is IConversionOperation { OperatorMethod: null } conversion) operation = conversion.Operand;
            else if (operation is IParenthesizedOperation parenthesized) operation = parenthesized.Operand;
            else return operation;
        }
    }

    /// <summary>The local, parameter, field or property that is referred to.</summary>
    public static ISymbol? Symbol(IOperation? operation) => operation is null ? null : Bare(operation) switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation field => field.Field,
        IPropertyReferenceOperation property => property.Property,
        _ => null,
    };

    /// <summary>What a local is given where it is declared, if nothing else is ever assigned to it.</summary>
    public static IOperation? ValueOf(ISymbol? symbol, IEnumerable<IOperation> roots)
    {
        if (symbol is not ILocalSymbol) return null;
        IOperation? value = null;
        foreach (IOperation operation in roots.SelectMany(root => root.DescendantsAndSelf()))
        {
            if (operation is IVariableDeclaratorOperation declarator && SymbolEqualityComparer.Default.Equals(declarator.Symbol, symbol)) value = declarator.GetVariableInitializer()?.Value;
            if (operation is IAssignmentOperation assignment && SymbolEqualityComparer.Default.Equals(Symbol(assignment.Target), symbol)) return null;
        }

        return value is null ? null : Bare(value);
    }

    /// <summary>What surrounds an operation, from the inside out.</summary>
    public static IEnumerable<IOperation> Around(IOperation operation)
    {
        for (IOperation? parent = operation.Parent; parent is not null; parent = parent.Parent) yield return parent;
    }

    /// <summary>Whether an operation is written between the braces of a tape.</summary>
    public static bool IsUnderTape(IOperation operation) => Around(operation).Any(around => around switch
    {
        IUsingOperation statement => statement.Resources.DescendantsAndSelf().Any(IsTape),
        IBlockOperation block => block.Operations.Any(o => o is IUsingDeclarationOperation declaration && At(declaration) < At(operation) && declaration.DescendantsAndSelf().Any(IsTape)),
        _ => false,
    });

    /// <summary>Whether an operation belongs to a function within the member, which may run anywhere.</summary>
    public static bool IsInFunction(IOperation operation) => Around(operation).Any(around => around is IAnonymousFunctionOperation or ILocalFunctionOperation);

    /// <summary>The place in the file.</summary>
    public static int At(IOperation operation) => operation.Syntax.SpanStart;

    private static bool IsTape(IOperation operation) => Is(operation.Type, Tape);

    private static INamedTypeSymbol Outermost(INamedTypeSymbol type)
    {
        while (type.ContainingType is { } outer) type = outer;
        return type;
    }
}
