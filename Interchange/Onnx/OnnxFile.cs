using Google.Protobuf;
using Gradwright.Onnx;

namespace Gradwright;

/// <summary>
/// Writes ONNX files (https://onnx.ai), which ONNX Runtime and many other programs run: a recorded graph as nodes of operator set 17, with parameters as initializers
/// under their names. Shapes are those of the recording, except for a batch of any length where <see cref="OnnxOptions.DynamicBatch"/> asks for it.
/// </summary>
/// <example><code>
/// model.Eval();
/// OnnxFile.Export("model.onnx", x => [model.Forward(x[0])], [sample], new() { DynamicBatch = true });
/// </code></example>
public static class OnnxFile
{
    /// <summary>
    /// Records a function, usually a model's forward pass in evaluation mode, and saves it. It is run once before, so that a model is initialised, and once or twice to be
    /// recorded. The file appears whole or not at all.
    /// </summary>
    /// <param name="path">The file to write or replace.</param>
    /// <param name="function">From inputs to results.</param>
    /// <param name="samples">Inputs, whose shapes and element types become the file's.</param>
    /// <param name="options">Names, and whether the batch may have any length.</param>
    /// <exception cref="OnnxExportException">An op has no counterpart, the function changes tensors outside, or it treats batches of different lengths differently.</exception>
    /// <exception cref="CaptureException">The function does something that cannot be recorded, such as reading a number back.</exception>
    public static void Export(string path, Func<Tensor[], Tensor[]> function, IReadOnlyList<Tensor> samples, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(samples);
        options ??= new();
        Warm(function, [.. samples]);
        ModelProto model = options.DynamicBatch ? OnnxBatch.Record(function, [.. samples], options) : Record(function, [.. samples], options);
        AtomicFile.Write(path, file => Write(file, model));
    }

    /// <summary>Saves a recorded graph. The file appears whole or not at all.</summary>
    /// <exception cref="OnnxExportException">An op has no counterpart, or the graph changes tensors outside.</exception>
    public static void Save(string path, CapturedGraph graph, OnnxOptions? options = null)
    {
        ModelProto model = Build(graph, options);
        AtomicFile.Write(path, file => Write(file, model));
    }

    /// <summary>Writes a recorded graph to a stream, which stays open.</summary>
    /// <exception cref="OnnxExportException">An op has no counterpart, or the graph changes tensors outside.</exception>
    public static void Save(Stream stream, CapturedGraph graph, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Write(stream, Build(graph, options));
    }

    /// <summary>Models give their parameters initial values in their first pass, which must not be recorded.</summary>
    private static void Warm(Func<Tensor[], Tensor[]> function, Tensor[] samples)
    {
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        _ = function(samples);
    }

    internal static ModelProto Record(Func<Tensor[], Tensor[]> function, Tensor[] samples, OnnxOptions options)
    {
        using CapturedGraph graph = CapturedGraph.Of(function, samples);
        return new OnnxBuilder(graph, options).Build();
    }

    private static ModelProto Build(CapturedGraph graph, OnnxOptions? options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (options is { DynamicBatch: true })
            throw new ArgumentException("OnnxFile.Save: one recording shows one length of the batch. Use OnnxFile.Export, which records the function with two.");
        return new OnnxBuilder(graph, options ?? new()).Build();
    }

    private static void Write(Stream stream, ModelProto model)
    {
        using CodedOutputStream output = new(stream, leaveOpen: true);
        model.WriteTo(output);
    }
}
