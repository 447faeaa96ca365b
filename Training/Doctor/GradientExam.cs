using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// Compares gradients with finite differences: in double precision on a copy, at weights that have taken some steps, with random streams and buffers set back before each
/// evaluation. What disagrees is then looked for layer by layer, each on the input that it got, so that the layer at fault is named and not those before it.
/// </summary>
internal static class GradientExam
{
    private const int Samples = 6, LeastElements = 2, MostElements = 24, LocalElements = 16;
    private const double Wrong = 1e-3, WrongInSingle = 0.2;        // relative errors; kinks do not count
    private const double Negligible = 1e-8, NegligibleInSingle = 1e-3;      // of the largest gradient: rounding

    public static void Run(Patient patient)
    {
        if (!patient.Model.Parameters().Any(parameter => !parameter.IsFrozen)) return;
        using Loan loan = new(patient.Model);
        LayerCheck.WarmUp(patient);
        Sample sample = patient.Train.Rows(0, Math.Min(Samples, patient.Train.Count));
        try
        {
            if (!TryRun(patient, sample, DType.Float64)) TryRun(patient, sample, DType.Float32);
        }
        catch (GradCheckException e) when (e.Report is null)
        {
            patient.Report(FindingKind.NotRepeatable, FindingSeverity.Note, "the model", $"Gradients could not be checked: {e.Message}");
        }
    }

    // False: the model or the loss holds something of its own that is not of this precision.
    private static bool TryRun(Patient patient, Sample sample, DType precision)
    {
        using TensorScope scope = new();
        using Loan loan = new(patient.Model, precision);
        Sample cast = new(As(sample.Input, precision), As(sample.Target, precision));
        try
        {
            if (precision == DType.Float64) Compare(patient, cast, Wrong, Negligible);
            else Compare(patient, cast, WrongInSingle, NegligibleInSingle);
        }
        catch (OperandException) when (precision == DType.Float64)
        {
            return false;
        }

        patient.Measure("bits of the gradient check", precision == DType.Float64 ? 64 : 32);
        return true;
    }

    private static void Compare(Patient patient, Sample sample, double tolerance, double negligible)
    {
        Module<Tensor, Tensor> model = patient.Model;
        int parameters = model.Parameters().Count(parameter => !parameter.IsFrozen);
        GradCheckOptions options = new()
        {
            MaxElements = Math.Clamp(patient.Options.GradientEvaluations / 2 / parameters, LeastElements, MostElements),
            Tolerance = tolerance,
            Seed = patient.Options.Seed,
        };
        // Outputs beside the loss: a gradient of the loss alone that should be zero, such as that of a bias before a batch norm, would be compared with rounding errors.
        GradCheckReport report = GradCheck.Run(model, x =>
        {
            Tensor output = model.Forward(sample.Input), loss = patient.Loss(output, sample.Target);
            return Tensor.Concat([output.Reshape(-1), loss.Reshape(1).Cast(output.DType)]);
        }, [], options);
        double scale = report.Entries.Max(entry => Math.Abs(entry.Analytic));
        // The random direction over everything crosses the kinks of all rectifiers at once: it tells nothing here.
        bool Fails(GradCheckEntry entry) => entry.Shape.Rank + entry.Checked > 1 && entry.MaxRelativeError > tolerance
            && Math.Max(Math.Abs(entry.Analytic), Math.Abs(entry.Numeric)) > negligible * scale;
        GradCheckEntry[] wrong = [.. report.Entries.Where(Fails)];
        IEnumerable<GradCheckEntry> counted = report.Entries.Where(entry => entry.Shape.Rank + entry.Checked > 1 && Math.Abs(entry.Analytic) > negligible * scale);
        patient.Measure("largest relative error of a gradient", counted.Select(entry => entry.MaxRelativeError).DefaultIfEmpty(0).Max());
        if (wrong.Length == 0) return;
        (string where, string? function) = Locate(patient, sample, options with { MaxElements = LocalElements }, Fails);
        GradCheckEntry worst = wrong.MaxBy(entry => entry.MaxRelativeError)!;
        patient.Report(FindingKind.WrongGradient, FindingSeverity.Fault, where.Length > 0 ? where : string.Join(", ", wrong.Select(entry => entry.Name)),
            $"{(function is null ? "" : $"The custom function {function} runs here. ")}The gradients of {wrong.Length} parameters disagree with finite differences, most of all that of {worst.Name}.",
            new("analytic", worst.Analytic), new("numeric", worst.Numeric), new("relative error", worst.MaxRelativeError), new("parameters", wrong.Length));
    }

    // The innermost modules whose own gradients are wrong, first those with a custom function, and the first such function. Empty: none by itself.
    private static (string Where, string? Function) Locate(Patient patient, Sample sample, GradCheckOptions options, Func<GradCheckEntry, bool> fails)
    {
        (string Path, Module Module)[] modules = [.. patient.Model.Walk()];
        List<(string Path, Module<Tensor, Tensor> Module, Tensor Input)> ran = [];
        Dictionary<string, string> functions = [];
        Tensor output;
        void Note(Module module, object? input)
        {
            if (module is Module<Tensor, Tensor> layer && input is Tensor x && !ran.Exists(entry => entry.Module == module))
                ran.Add((modules.First(entry => entry.Module == module).Path, layer, Released(x)));
        }

        using (new ForwardListener(patient.Model, Note, after: null))
        using (Tape.NoRecord())
        using (OpMonitor.Start((op, x, y) =>
        {
            if (op is CustomFunction.CustomOp && CallPath.Current is { } place) functions.TryAdd(place, op.Name);
        })) output = patient.Model.Forward(sample.Input);

        HashSet<Module> wrong = [];
        try
        {
            foreach ((_, Module<Tensor, Tensor> module, Tensor x) in ran)
            {
                if (!x.DType.IsFloating && module.Parameters().Count == 0) continue;
                if (GradCheck.Run(module, inputs => module.Forward(inputs[0]), [x], options).Entries.Any(fails)) wrong.Add(module);
            }
        }
        finally
        {
            foreach ((_, _, Tensor x) in ran) x.Dispose();
        }

        bool IsInnermost(Module module) => wrong.Contains(module) && !module.Walk().Any(below => below.Module != module && wrong.Contains(below.Module));
        string? FunctionIn(Module module) => functions.GetValueOrDefault(module.Location);
        (string Path, Module Module)[] innermost = [.. ran.Where(entry => IsInnermost(entry.Module)).OrderBy(entry => FunctionIn(entry.Module) is null).Select(entry => (entry.Path, (Module)entry.Module))];
        if (innermost.Length > 0) return (string.Join(", ", innermost.Select(entry => Patient.NameOf(entry.Path, entry.Module))), FunctionIn(innermost[0].Module));

        return GradCheck.Run(y => patient.Loss(y[0], sample.Target), [output], options).Entries.Any(fails) ? ("the loss", null) : ("", functions.Values.FirstOrDefault());
    }

    private static Tensor Released(Tensor x)
    {
        using Tensor alias = x.Detach();
        using (TensorScope.Suspend()) return alias.Copy();
    }

    private static Tensor As(Tensor x, DType precision) => x.DType.IsFloating ? x.Cast(precision) : x;
}
