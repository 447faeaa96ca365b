using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Gradwright.Analyzers;

/// <summary>What to do where it is obvious: drop a softmax (GW0001), zero the gradients after the step (GW0002), declare with using (GW0005).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GradwrightCodeFixes : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.SoftmaxBeforeCrossEntropy.Id, Rules.GradientsNeverZeroed.Id, Rules.NotDisposed.Id];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root) return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode found = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            (string Title, SyntaxNode Old, SyntaxNode[] New)? fix =
                diagnostic.Id == Rules.SoftmaxBeforeCrossEntropy.Id ? WithoutSoftmax(found) : diagnostic.Id == Rules.GradientsNeverZeroed.Id ? WithZeroing(found) : WithUsing(found);
            if (fix is not { } change) continue;
            SyntaxNode changed = change.New.Length == 1 ? root.ReplaceNode(change.Old, change.New[0]) : root.ReplaceNode(change.Old, change.New);
            context.RegisterCodeFix(CodeAction.Create(change.Title, _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)), change.Title), diagnostic);
        }
    }

    // x.Softmax() → x
    private static (string, SyntaxNode, SyntaxNode[])? WithoutSoftmax(SyntaxNode found)
        => found is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Softmax" } access } call
            ? ("Pass the scores", call, [access.Expression.WithTriviaFrom(call)]) : null;

    // optimizer.Step(); → optimizer.Step(); optimizer.ZeroGrad();
    private static (string, SyntaxNode, SyntaxNode[])? WithZeroing(SyntaxNode found)
    {
        if (found is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access, Parent: ExpressionStatementSyntax { Parent: var around } statement }) return null;
        ExpressionStatementSyntax zeroing = SyntaxFactory.ExpressionStatement(SyntaxFactory.InvocationExpression(access.WithoutTrivia().WithName(SyntaxFactory.IdentifierName("ZeroGrad"))))
            .WithTrailingTrivia(statement.GetTrailingTrivia());
        if (around is BlockSyntax) return ("Zero the gradients after the step", statement, [statement, zeroing.WithLeadingTrivia(statement.GetLeadingTrivia().Where(t => t.IsKind(SyntaxKind.WhitespaceTrivia)))]);
        return ("Zero the gradients after the step", statement, [SyntaxFactory.Block(statement.WithoutTrivia(), zeroing.WithoutTrivia()).WithTriviaFrom(statement).WithAdditionalAnnotations(Formatter.Annotation)]);
    }

    // var tape = new Tape(); → using var tape = new Tape();
    private static (string, SyntaxNode, SyntaxNode[])? WithUsing(SyntaxNode found)
    {
        if (found.FirstAncestorOrSelf<StatementSyntax>() is not LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0 } declaration || declaration.Declaration.Variables.Count > 1) return null;
        SyntaxToken keyword = SyntaxFactory.Token(declaration.GetLeadingTrivia(), SyntaxKind.UsingKeyword, SyntaxFactory.TriviaList(SyntaxFactory.Space));
        return ("Declare it with using", declaration, [declaration.WithoutLeadingTrivia().WithUsingKeyword(keyword)]);
    }
}
