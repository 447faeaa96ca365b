using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Gradwright.Analyzers;

/// <summary>GW0002 and GW0004: loops that step an optimizer without ever zeroing gradients, and those that read a number back in each step.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TrainingLoopAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rules.GradientsNeverZeroed, Rules.ScalarReadInTrainingLoop];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationBlockAction(Look);
    }

    private static void Look(OperationBlockAnalysisContext context)
    {
        IOperation[] all = [.. context.OperationBlocks.SelectMany(block => block.Descendants())];
        IInvocationOperation[] steps = [.. all.Where(IsStep).Cast<IInvocationOperation>()];
        if (steps.Length == 0) return;
        if (!all.Any(IsZeroing) && !CallsSomethingThatZeroes(all))
        {
            foreach (IInvocationOperation step in steps)
                if (Known.Receiver(step) is { } optimizer && Loops(step).Any(loop => !IsMadeIn(loop, optimizer) && loop.Descendants().Any(IsBackward)))
                    context.ReportDiagnostic(Diagnostic.Create(Rules.GradientsNeverZeroed, step.Syntax.GetLocation(), optimizer.Syntax.ToString()));
        }

        foreach (IOperation read in all.Where(IsRead))
            if (Loop(read) is { } loop && loop.Descendants().Any(IsStep) && !IsConditional(read, loop))
                context.ReportDiagnostic(Diagnostic.Create(Rules.ScalarReadInTrainingLoop, read.Syntax.GetLocation()));
    }

    private static bool IsStep(IOperation operation) => Known.IsCall(operation, Known.Optimizer, "Step") && ((IInvocationOperation)operation).TargetMethod.Parameters.IsEmpty;

    private static bool IsBackward(IOperation operation) => Known.IsCall(operation, Known.Tape, "Backward");

    private static bool IsZeroing(IOperation operation) => operation is IInvocationOperation { TargetMethod.Name: "ZeroGrad" } or IAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: "Grad" } };

    private static bool IsAssignedGrad(SimpleNameSyntax name) => name.Identifier.ValueText == "Grad"
        && (name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? (SyntaxNode)access : name) is { Parent: AssignmentExpressionSyntax assignment } target && assignment.Left == target;

    private static bool IsRead(IOperation operation)
        => Known.IsCall(operation, Known.Tensor, "ToDouble") || (operation is IConversionOperation { OperatorMethod: { } convert } && Known.Is(convert.ContainingType, Known.Tensor) && convert.ReturnType.IsValueType);

    private static IEnumerable<ILoopOperation> Loops(IOperation operation) => Known.Around(operation).OfType<ILoopOperation>();

    // A new optimizer each time, and so most likely new parameters.
    private static bool IsMadeIn(ILoopOperation loop, IOperation optimizer)
        => Known.Symbol(optimizer) is ILocalSymbol local && local.DeclaringSyntaxReferences.Any(reference => reference.SyntaxTree == loop.Syntax.SyntaxTree && loop.Syntax.Span.Contains(reference.Span));

    // The innermost loop that an operation runs in each time; a function within it may run anywhere.
    private static ILoopOperation? Loop(IOperation operation)
        => Known.Around(operation).TakeWhile(around => around is not (IAnonymousFunctionOperation or ILocalFunctionOperation)).OfType<ILoopOperation>().FirstOrDefault();

    private static bool IsConditional(IOperation operation, ILoopOperation loop) => Known.Around(operation).TakeWhile(around => around != loop)
        .Any(around => around is IConditionalOperation or ISwitchOperation or ISwitchExpressionOperation or IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr });

    // Methods of this compilation, as deep as they call each other.
    private static bool CallsSomethingThatZeroes(IEnumerable<IOperation> operations)
    {
        HashSet<string> seen = [];
        Queue<ISymbol> waiting = new(operations.OfType<IInvocationOperation>().Select(call => (ISymbol)call.TargetMethod));
        while (waiting.Count > 0)
        {
            ISymbol method = waiting.Dequeue();
            if (!seen.Add(method.Name)) continue;
            foreach (SyntaxNode declaration in method.OriginalDefinition.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()))
                foreach (SimpleNameSyntax name in declaration.DescendantNodes().OfType<SimpleNameSyntax>())
                {
                    if (name.Identifier.ValueText == "ZeroGrad" || IsAssignedGrad(name)) return true;
                    // By name within the same type: enough to be silent rather than wrong.
                    if (name.Parent is InvocationExpressionSyntax or MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax })
                        foreach (ISymbol callee in method.ContainingType.GetMembers(name.Identifier.ValueText).OfType<IMethodSymbol>()) waiting.Enqueue(callee);
                }
        }

        return false;
    }
}
