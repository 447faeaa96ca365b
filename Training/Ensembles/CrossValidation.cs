namespace Gradwright.Training;

/// <summary>
/// Cross-validation: a method is tried on several folds of the data, each with a model of its own that is measured on samples it has not learned from. The mean tells what to
/// expect of the method, the deviation how far to trust it.
/// </summary>
/// <example><code>
/// CrossValidationResult result = CrossValidation.Run(KFold.Random(samples, k: 5, seed: 1), fold =>
/// {
///     using Sequential model = Create();
///     Train(model, fold.Train);
///     return Measure(model, fold.Validation);         // [new Accuracy(), …] after Trainer.Evaluate
/// });
/// Console.WriteLine(result);                          // accuracy 0.9731 ± 0.0042
/// </code></example>
public static class CrossValidation
{
    /// <summary>Trains once per fold, in their order.</summary>
    /// <typeparam name="TFold">What tells a fold's samples: indices to train with, and others to validate with.</typeparam>
    /// <param name="folds">Two or more; <c>KFold</c> of Gradwright.Data makes them.</param>
    /// <param name="train">Trains and measures; gives values by name, the same names each time.</param>
    public static CrossValidationResult Run<TFold>(IReadOnlyList<TFold> folds, Func<TFold, IReadOnlyDictionary<string, double>> train)
    {
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(train);
        if (folds.Count < 2)
            throw new ArgumentException($"CrossValidation: there must be two or more folds, but there {(folds.Count == 1 ? "is 1" : "are none")}. One alone has no deviation; 5 and 10 are usual.", nameof(folds));
        List<IReadOnlyDictionary<string, double>> values = [];
        foreach (TFold fold in folds)
        {
            IReadOnlyDictionary<string, double> measured = train(fold);
            values.Add(measured);
            if (!measured.Keys.Order().SequenceEqual(values[0].Keys.Order()))
                throw new InvalidOperationException($"CrossValidation: fold {values.Count} gave {string.Join(", ", measured.Keys)}, but fold 1 gave {string.Join(", ", values[0].Keys)}. Measure the same of every fold.");
        }

        return new(values);
    }

    /// <inheritdoc cref="Run{TFold}(IReadOnlyList{TFold}, Func{TFold, IReadOnlyDictionary{string, double}})"/>
    /// <param name="folds"/>
    /// <param name="train">Trains and measures; gives the metrics, the same each time.</param>
    public static CrossValidationResult Run<TFold>(IReadOnlyList<TFold> folds, Func<TFold, IReadOnlyList<Metric>> train)
    {
        ArgumentNullException.ThrowIfNull(train);
        return Run(folds, fold => train(fold).ToDictionary(metric => metric.Name, metric => metric.Value));
    }
}
