using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Gradwright.Analyzers;

/// <summary>GW0005: a tape, a scope or a pause of recording that nobody disposes. One that is handed on is its new owner's affair.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DisposalAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rules.NotDisposed];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationBlockAction(Look);
    }

    private static void Look(OperationBlockAnalysisContext context)
    {
        foreach (IOperation operation in context.OperationBlocks.SelectMany(block => block.Descendants()))
        {
            bool opens = operation is IObjectCreationOperation creation && (Is(creation.Type, Known.Tape) || Is(creation.Type, Known.Scope));
            if (!opens && !Known.IsCall(operation, Known.Tape, "NoRecord")) continue;
            if (IsLost(operation, context.OperationBlocks)) context.ReportDiagnostic(Diagnostic.Create(Rules.NotDisposed, operation.Syntax.GetLocation(), operation.Syntax.ToString()));
        }
    }

    private static bool Is(ITypeSymbol? type, string name) => Known.Is(type, name) && type!.ContainingNamespace.Name == "Gradwright";     // not a class that derives from it

    private static bool IsLost(IOperation opened, ImmutableArray<IOperation> roots)
    {
        IOperation? user = opened.Parent;
        while (user is IConversionOperation or IParenthesizedOperation) user = user.Parent;
        if (user is IExpressionStatementOperation) return true;
        if (user is not IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }) return false;
        if (Known.Around(declarator).TakeWhile(around => around is not IBlockOperation).Any(around => around is IUsingOperation or IUsingDeclarationOperation)) return false;
        return !roots.SelectMany(root => root.Descendants()).OfType<ILocalReferenceOperation>()
            .Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, declarator.Symbol)).Any(IsDisposedOrHandedOn);
    }

    private static bool IsDisposedOrHandedOn(ILocalReferenceOperation reference) => reference.Parent switch
    {
        IInvocationOperation call when call.Instance == reference => call.TargetMethod.Name == "Dispose",
        IMemberReferenceOperation => false,
        _ => true,
    };
}
