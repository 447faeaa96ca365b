using System.Collections.Immutable;
using Gradwright.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using NUnit.Framework;

namespace Gradwright.Tests.Analyzers;

/// <summary>A few statements, compiled against the real assemblies and looked at by every rule.</summary>
internal static class Snippet
{
    private const string Head = """
        using System;
        using System.Collections.Generic;
        using Gradwright;
        using Gradwright.Layers;
        using Gradwright.Models;
        using Gradwright.Optim;
        using Gradwright.Data;
        using Gradwright.Training;

        static class Program
        {
            static void Run(Tensor x, Tensor y, Optimizer optimizer, DataLoader data, Sequential given)
            {

        """;

    private static readonly ImmutableArray<MetadataReference> _references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => path.EndsWith(".dll", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly ImmutableArray<DiagnosticAnalyzer> _analyzers = [new SoftmaxAnalyzer(), new TrainingLoopAnalyzer(), new EvaluationAnalyzer(), new DisposalAnalyzer()];

    /// <summary>What the rules find, as "GW0001: the text".</summary>
    /// <param name="statements">The body of a method.</param>
    /// <param name="members">Further members of its class.</param>
    public static string[] Find(string statements, string members = "")
    {
        using AdhocWorkspace workspace = new();
        string source = Source(statements, members);
        return [.. Diagnose(Document(workspace, source)).OrderBy(d => d.Location.SourceSpan.Start).Select(d => $"{d.Id}: {source[d.Location.SourceSpan.Start..d.Location.SourceSpan.End]}")];
    }

    /// <summary>The statements after the only finding's fix, without indentation; null where there is none.</summary>
    public static string? Fix(string statements)
    {
        using AdhocWorkspace workspace = new();
        Document document = Document(workspace, Source(statements, ""));
        Diagnostic diagnostic = Diagnose(document).Single();
        List<CodeAction> actions = [];
        CodeFixContext context = new(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None);
        new GradwrightCodeFixes().RegisterCodeFixesAsync(context).GetAwaiter().GetResult();
        if (actions.Count == 0) return null;
        ApplyChangesOperation change = actions.Single().GetOperationsAsync(CancellationToken.None).GetAwaiter().GetResult().OfType<ApplyChangesOperation>().Single();
        Document changed = change.ChangedSolution.GetDocument(document.Id)!;
        Assert.That(Diagnose(changed), Is.Empty, "after the fix");
        string text = changed.GetTextAsync().GetAwaiter().GetResult().ToString();
        return string.Join('\n', text[Head.Length..text.LastIndexOf("/*end*/", StringComparison.Ordinal)].Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
    }

    private static string Source(string statements, string members) => $"{Head}{statements}\n/*end*/    }}\n{members}\n}}\n";

    private static ImmutableArray<Diagnostic> Diagnose(Document document)
    {
        Compilation compilation = document.Project.GetCompilationAsync().GetAwaiter().GetResult()!;
        Assert.That(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error), Is.Empty, "the snippet must compile");
        ImmutableArray<Diagnostic> found = compilation.WithAnalyzers(_analyzers).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        Assert.That(found.Where(d => d.Id == "AD0001"), Is.Empty, "no rule may throw");
        return found;
    }

    private static Document Document(AdhocWorkspace workspace, string source)
    {
        Project project = workspace.AddProject(ProjectInfo.Create(ProjectId.CreateNewId(), VersionStamp.Default, "Snippet", "Snippet", LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary), parseOptions: new CSharpParseOptions(LanguageVersion.Latest), metadataReferences: _references));
        return workspace.AddDocument(project.Id, "Snippet.cs", SourceText.From(source));
    }
}
