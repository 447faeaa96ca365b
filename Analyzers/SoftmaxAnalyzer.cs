using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Gradwright.Analyzers;

/// <summary>GW0001: probabilities where a cross-entropy expects scores, from a call of Softmax or a model that ends with one.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SoftmaxAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rules.SoftmaxBeforeCrossEntropy];

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
            if (Scores(operation) is { } scores && IsProbabilities(scores, context.OperationBlocks)) Report(context, scores.Syntax);
            if (operation is IObjectCreationOperation creation && Known.Is(creation.Type, Known.Trainer)) LookAtTrainer(context, creation);
        }
    }

    // new Trainer(model, (y, t) => Loss.CrossEntropy(y, t), …)
    private static void LookAtTrainer(OperationBlockAnalysisContext context, IObjectCreationOperation creation)
    {
        IOperation? model = creation.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "model")?.Value;
        if (model is null || !EndsWithSoftmax(model, context.OperationBlocks)) return;
        foreach (IAnonymousFunctionOperation loss in creation.Arguments.SelectMany(argument => argument.Descendants()).OfType<IAnonymousFunctionOperation>())
            foreach (IOperation scores in loss.Descendants().Select(Scores).OfType<IOperation>())
                if (SymbolEqualityComparer.Default.Equals(Known.Symbol(scores), loss.Symbol.Parameters.FirstOrDefault())) Report(context, scores.Syntax);
    }

    private static void Report(OperationBlockAnalysisContext context, SyntaxNode scores)
        => context.ReportDiagnostic(Diagnostic.Create(Rules.SoftmaxBeforeCrossEntropy, scores.GetLocation(), scores.ToString()));

    // What a call of a cross-entropy takes for scores.
    private static IOperation? Scores(IOperation operation)
    {
        if (Known.IsCall(operation, Known.Loss, "CrossEntropy")) return ((IInvocationOperation)operation).Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "logits")?.Value;
        return Known.IsCall(operation, Known.Operators, "CrossEntropy") || Known.IsCall(operation, Known.Operators, "SoftCrossEntropy") ? Known.Receiver((IInvocationOperation)operation) : null;
    }

    private static bool IsProbabilities(IOperation scores, ImmutableArray<IOperation> roots)
    {
        IOperation value = Known.ValueOf(Known.Symbol(scores), roots) ?? Known.Bare(scores);
        if (Known.IsCall(value, Known.Operators, "Softmax")) return true;
        return Known.IsCall(value, Known.Module, "Forward") && Known.Receiver((IInvocationOperation)value) is { } model && (Known.Is(model.Type, Known.Softmax) || EndsWithSoftmax(model, roots));
    }

    private static bool EndsWithSoftmax(IOperation model, ImmutableArray<IOperation> roots)
    {
        IOperation value = Known.ValueOf(Known.Symbol(model), roots) ?? Known.Bare(model);
        if (!Known.Is(value.Type, Known.Sequential) || value.Syntax is not BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: { Count: > 0 } arguments } || value.SemanticModel is not { } semantics) return false;
        ExpressionSyntax last = arguments.Last().Expression;
        if (last is CollectionExpressionSyntax { Elements: { Count: > 0 } elements } && elements.Last() is ExpressionElementSyntax element) last = element.Expression;
        return Known.Is(semantics.GetTypeInfo(last).Type, Known.Softmax);
    }
}
