using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Gradwright.Analyzers;

/// <summary>
/// GW0003: a model with layers that depend on the mode predicts after it was trained, in the same member, and nothing has set it to evaluation mode. Models whose layers cannot be
/// seen are left alone.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EvaluationAnalyzer : DiagnosticAnalyzer
{
    private static readonly HashSet<string> _modal = ["Dropout", "SpatialDropout", "AlphaDropout", "DropConnect", "StochasticDepth", "BatchNorm", "BatchNorm1D", "BatchNorm2D", "BatchNorm3D"];
    private static readonly string[] _modalModels = ["ResNet", "ResNeXt", "DenseNet", "MobileNet", "GoogLeNet", "AlexNet"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rules.EvaluationInTrainingMode];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationBlockAction(Look);
    }

    private static void Look(OperationBlockAnalysisContext context)
    {
        ImmutableArray<IOperation> roots = context.OperationBlocks;
        IInvocationOperation[] calls = [.. roots.SelectMany(root => root.Descendants()).OfType<IInvocationOperation>()];
        IInvocationOperation[] forwards = [.. calls.Where(call => Known.IsCall(call, Known.Module, "Forward") && Known.Symbol(Known.Receiver(call)) is not null)];
        foreach (IInvocationOperation forward in forwards)
        {
            ISymbol model = Known.Symbol(Known.Receiver(forward))!;
            if (Known.IsUnderTape(forward) || Known.IsInFunction(forward) || TrainedAt(model, calls, forwards, roots) is not { } trained || Known.At(forward) < trained) continue;
            if (calls.Any(call => Known.At(call) < Known.At(forward) && (Known.IsCall(call, Known.Module, "Eval") || MayEvaluate(call, model)))) continue;
            if (DependsOnMode(model, roots)) context.ReportDiagnostic(Diagnostic.Create(Rules.EvaluationInTrainingMode, forward.Syntax.GetLocation(), model.Name));
        }
    }

    // Where the member begins to train a model: by a tape, or by a trainer.
    private static int? TrainedAt(ISymbol model, IInvocationOperation[] calls, IInvocationOperation[] forwards, ImmutableArray<IOperation> roots)
    {
        IEnumerable<IInvocationOperation> trainings = [];
        if (forwards.Any(forward => Known.IsUnderTape(forward) && IsModel(Known.Receiver(forward)))) trainings = calls.Where(call => Known.IsCall(call, Known.Tape, "Backward"));
        if (roots.SelectMany(root => root.Descendants()).OfType<IObjectCreationOperation>().Any(creation => Known.Is(creation.Type, Known.Trainer) && creation.Arguments.Any(argument => IsModel(argument.Value))))
            trainings = trainings.Concat(calls.Where(call => Known.IsCall(call, Known.Trainer, "Fit")));
        return trainings.Select(call => (int?)Known.At(call)).Min();

        bool IsModel(IOperation? operation) => SymbolEqualityComparer.Default.Equals(Known.Symbol(operation), model);
    }

    // A method of somebody else that gets the model may set its mode.
    private static bool MayEvaluate(IInvocationOperation call, ISymbol model)
        => !call.TargetMethod.ContainingNamespace.ToDisplayString().StartsWith("Gradwright", StringComparison.Ordinal) && call.Arguments.Any(argument => SymbolEqualityComparer.Default.Equals(Known.Symbol(argument.Value), model));

    private static bool DependsOnMode(ISymbol model, ImmutableArray<IOperation> roots)
    {
        HashSet<string> seen = [];
        IEnumerable<ITypeSymbol?> types = Known.ValueOf(model, roots) is { } value ? value.DescendantsAndSelf().OfType<IObjectCreationOperation>().Select(creation => creation.Type)
            : [model switch { ILocalSymbol local => local.Type, IParameterSymbol parameter => parameter.Type, IFieldSymbol field => field.Type, IPropertySymbol property => property.Type, _ => null }];
        return types.Any(type => IsModal(type, seen));
    }

    private static bool IsModal(ITypeSymbol? type, HashSet<string> seen)
    {
        if (type is null || !Known.Is(type, Known.Module) || !seen.Add(type.Name)) return false;
        string place = type.ContainingNamespace.ToDisplayString();
        if (place == "Gradwright.Layers") return _modal.Contains(type.Name);
        if (place == "Gradwright.Models") return _modalModels.Any(name => type.Name.StartsWith(name, StringComparison.Ordinal));
        return type.GetMembers().OfType<IFieldSymbol>().Any(field => IsModal(field.Type, seen))
            || type.DeclaringSyntaxReferences.SelectMany(reference => reference.GetSyntax().DescendantNodes()).OfType<ObjectCreationExpressionSyntax>().Any(creation => _modal.Contains(creation.Type.ToString()));
    }
}
