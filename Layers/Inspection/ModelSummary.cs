using System.Text;

namespace Gradwright.Layers;

/// <summary>One line of a summary.</summary>
/// <param name="Path">Where the layer is.</param>
/// <param name="Layer">What it is.</param>
/// <param name="Output">The shape of its result, or of its results.</param>
/// <param name="Parameters">Numbers in its own parameters.</param>
/// <param name="Trainable">Those of them that are not frozen.</param>
/// <param name="Bytes">Memory of its result.</param>
/// <param name="Flops">Floating-point operations of its forward pass, children included.</param>
public sealed record LayerSummary(string Path, string Layer, string Output, long Parameters, long Trainable, long Bytes, double Flops);

/// <summary>What a model is made of, seen by running it once: output shapes, parameters, memory and operations per layer.</summary>
public sealed class ModelSummary
{
    private ModelSummary(string model, IReadOnlyList<LayerSummary> layers, double flops)
        => (Model, Layers, Flops) = (model, layers, flops);

    /// <summary>The model.</summary>
    public string Model { get; }

    /// <summary>The layers without children, and those with parameters of their own, in the order in which they ran.</summary>
    public IReadOnlyList<LayerSummary> Layers { get; }

    /// <summary>Numbers in all parameters.</summary>
    public long Parameters => Layers.Sum(layer => layer.Parameters);

    /// <summary>Those that are not frozen.</summary>
    public long Trainable => Layers.Sum(layer => layer.Trainable);

    /// <summary>Floating-point operations of one forward pass.</summary>
    public double Flops { get; }

    /// <summary>Bytes of all layers' results together.</summary>
    public long Bytes => Layers.Sum(layer => layer.Bytes);

    /// <summary>Runs the model on a sample, in evaluation mode and unrecorded, and notes what passes.</summary>
    public static ModelSummary Of<TIn, TOut>(Module<TIn, TOut> model, TIn sample)
    {
        ArgumentNullException.ThrowIfNull(model);
        using EvaluationMode mode = new(model);
        model.Build(sample);
        Dictionary<Module, string> paths = model.Walk().ToDictionary(entry => entry.Module, entry => entry.Path);
        List<LayerSummary> lines = [];
        HashSet<Tensor> counted = [];
        Stack<double> started = [];
        double flops = 0;

        void Before(Module module, object? input) => started.Push(flops);
        void After(Module module, object? input, object? output)
        {
            double own = flops - started.Pop();
            if (module.Children.Count > 0 && module.Members.Parameters.Count == 0) return;
            Tensor[] parameters = [.. module.Members.Parameters.Select(entry => entry.Parameter).Where(counted.Add)];
            lines.Add(new(paths[module], module.ToString()!, DescribeOutput(output), parameters.Sum(p => p.Count),
                parameters.Where(p => !p.IsFrozen).Sum(p => p.Count), BytesOf(output), own));
        }

        using (new ForwardListener(model, Before, After))
        using (new TensorScope())
        using (Tape.NoRecord())
        using (OpMonitor.Start((op, x, y) => flops += op.Flops(x, y)))
            model.Forward(sample);

        return new(model.GetType().Name, lines, flops);
    }

    /// <summary>A table for a monospaced font.</summary>
    public override string ToString()
    {
        string[][] rows =
        [
            ["layer", "output", "parameters", "memory", "operations"],
            .. Layers.Select(l => new[] { $"{l.Path}: {l.Layer}", l.Output, l.Parameters == 0 ? "" : l.Parameters.ToString("N0"), Size(l.Bytes), l.Flops == 0 ? "" : Count(l.Flops) }),
            ["total", "", Parameters.ToString("N0"), Size(Bytes), Count(Flops)],
        ];
        int[] widths = [.. Enumerable.Range(0, 5).Select(column => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        for (int i = 0; i < rows.Length; i++)
        {
            if (i == 1 || i == rows.Length - 1) text.AppendLine(new string('─', widths.Sum() + 8));
            for (int column = 0; column < 5; column++)
                text.Append(column < 2 ? rows[i][column].PadRight(widths[column]) : rows[i][column].PadLeft(widths[column])).Append(column < 4 ? "  " : "");
            text.AppendLine();
        }

        if (Trainable != Parameters) text.AppendLine($"{Trainable:N0} parameters are trained, {Parameters - Trainable:N0} frozen");
        return text.ToString();
    }

    private static string DescribeOutput(object? output) => output switch
    {
        Tensor tensor => tensor.Shape.ToString(),
        System.Runtime.CompilerServices.ITuple tuple => string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => DescribeOutput(tuple[i]))),
        null => "",
        _ => output.GetType().Name,
    };

    private static long BytesOf(object? output) => output switch
    {
        Tensor tensor => tensor.Count * tensor.DType.Size,
        System.Runtime.CompilerServices.ITuple tuple => Enumerable.Range(0, tuple.Length).Sum(i => BytesOf(tuple[i])),
        _ => 0,
    };

    private static string Size(long bytes) => bytes < 1 << 10 ? $"{bytes} B" : bytes < 1 << 20 ? $"{bytes / 1024.0:0.#} KB" : $"{bytes / 1048576.0:0.#} MB";
    private static string Count(double n) => n < 1e3 ? $"{n:0}" : n < 1e6 ? $"{n / 1e3:0.#} k" : n < 1e9 ? $"{n / 1e6:0.#} M" : $"{n / 1e9:0.##} G";
}

/// <summary>The summary as a method of the model.</summary>
public static class ModelSummaryExtensions
{
    /// <inheritdoc cref="ModelSummary.Of{TIn, TOut}(Module{TIn, TOut}, TIn)"/>
    public static ModelSummary Summary<TIn, TOut>(this Module<TIn, TOut> model, TIn sample) => ModelSummary.Of(model, sample);
}
