using Microsoft.CodeAnalysis;

namespace Gradwright.Analyzers;

/// <summary>What is looked for; docs/analyzers.md explains each.</summary>
public static class Rules
{
    public static readonly DiagnosticDescriptor SoftmaxBeforeCrossEntropy = Rule("GW0001", "Softmax in front of a cross-entropy",
        "The cross-entropy takes scores and applies the softmax itself, but '{0}' are probabilities already: gradients become small and wrong. Pass the scores.");

    public static readonly DiagnosticDescriptor GradientsNeverZeroed = Rule("GW0002", "Gradients are never zeroed",
        "Backward adds to the gradients, and nothing here zeroes them: each step goes along the sum of all gradients so far. Call '{0}.ZeroGrad()' after the step.");

    public static readonly DiagnosticDescriptor EvaluationInTrainingMode = Rule("GW0003", "Evaluation in training mode",
        "'{0}' has been trained and is in training mode: dropout drops, and batch norms use and change their statistics. Call '{0}.Eval()' before, and '{0}.Train()' before the training goes on.");

    public static readonly DiagnosticDescriptor ScalarReadInTrainingLoop = Rule("GW0004", "A number is read back in each step",
        "Reading a number waits until the accelerator has computed it, in each step. Add up on the accelerator and read the sum after the loop, or read every so many steps.", DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor NotDisposed = Rule("GW0005", "A tape or scope is not disposed",
        "'{0}' holds until it is disposed: what it keeps is not freed before, and later code is recorded, or not, by mistake. Declare it with 'using'.");

    private static DiagnosticDescriptor Rule(string id, string title, string message, DiagnosticSeverity severity = DiagnosticSeverity.Warning)
        => new(id, title, message, "Gradwright", severity, isEnabledByDefault: true);
}
