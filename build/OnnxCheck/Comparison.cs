using Gradwright;
using Gradwright.Layers;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace OnnxCheck;

/// <summary>One file, run by the engine that wrote it and by ONNX Runtime.</summary>
internal static class Comparison
{
    public static Outcome Of(string name, Module? module, Func<Tensor[], Tensor[]> function, Tensor[] x, string folder)
    {
        using TensorScope scope = new();
        function(x);
        module?.Eval();
        string path = Path.Combine(folder, "model.onnx");
        try
        {
            OnnxFile.Export(path, function, x, new() { State = module?.StateDictionary() ?? [] });
        }
        catch (Exception e) when (e is OnnxExportException or CaptureException)
        {
            return new(name, null, null, e.Message);
        }

        try
        {
            double difference = Difference(path, x, function(x));
            (double? batch, string text) = WithAnyBatch(path, module, function, x);
            return new(name, difference, batch, text);
        }
        catch (Exception e) when (e is OnnxRuntimeException or NotSupportedException)
        {
            return new(name, double.PositiveInfinity, null, e.Message);
        }
    }

    private static (double? Difference, string Text) WithAnyBatch(string path, Module? module, Func<Tensor[], Tensor[]> function, Tensor[] x)
    {
        try
        {
            OnnxFile.Export(path, function, x, new() { State = module?.StateDictionary() ?? [], DynamicBatch = true });
        }
        catch (Exception e) when (e is OnnxExportException or CaptureException or ShapeException or ArgumentException)
        {
            return (null, e.Message.Split('\n')[0]);
        }

        long rows = x[0].Shape[0] + 2;
        using Tensor index = Tensor.From([.. Enumerable.Range(0, (int)rows).Select(i => i % x[0].Shape[0])]);
        Tensor[] longer = [.. x.Select(t => t.IndexSelect(0, index))];
        return (Difference(path, longer, function(longer)), "");
    }

    private static double Difference(string path, Tensor[] x, Tensor[] expected)
    {
        using SessionOptions options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using InferenceSession session = new(path, options);
        using RunOptions run = new();
        OrtValue[] inputs = [.. x.Select(Value)];
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, session.InputNames, inputs, session.OutputNames);
        double worst = 0;
        for (int j = 0; j < expected.Length; j++)
        {
            double[] a = Numbers(results[j]), b = expected[j].Cast(DType.Float64).ToArray<double>();
            if (a.Length != b.Length || !expected[j].Shape.SequenceEqual(results[j].GetTensorTypeAndShape().Shape)) return double.PositiveInfinity;
            double scale = b.Select(Math.Abs).DefaultIfEmpty(0).Max(), difference = a.Zip(b, (p, q) => Math.Abs(p - q)).DefaultIfEmpty(0).Max();
            if (!(difference == 0)) worst = Math.Max(worst, double.IsNaN(difference) ? double.PositiveInfinity : difference / scale);
        }

        foreach (OrtValue input in inputs) input.Dispose();
        return worst;
    }

    private static OrtValue Value(Tensor x) => x.DType switch
    {
        DType.Float32 => OrtValue.CreateTensorValueFromMemory(x.ToArray<float>(), [.. x.Shape]),
        DType.Int64 => OrtValue.CreateTensorValueFromMemory(x.ToArray<long>(), [.. x.Shape]),
        DType.Int32 => OrtValue.CreateTensorValueFromMemory(x.ToArray<int>(), [.. x.Shape]),
        DType.UInt8 => OrtValue.CreateTensorValueFromMemory(x.ToArray<byte>(), [.. x.Shape]),
        DType.Bool => OrtValue.CreateTensorValueFromMemory(x.ToArray<bool>(), [.. x.Shape]),
        DType.Float64 => OrtValue.CreateTensorValueFromMemory(x.ToArray<double>(), [.. x.Shape]),
        _ => throw new NotSupportedException($"inputs of {x.DType}"),
    };

    private static double[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => [.. value.GetTensorDataAsSpan<float>().ToArray().Select(v => (double)v)],
        TensorElementType.Int64 => [.. value.GetTensorDataAsSpan<long>().ToArray().Select(v => (double)v)],
        TensorElementType.Int32 => [.. value.GetTensorDataAsSpan<int>().ToArray().Select(v => (double)v)],
        TensorElementType.Double => value.GetTensorDataAsSpan<double>().ToArray(),
        TensorElementType.Bool => [.. value.GetTensorDataAsSpan<bool>().ToArray().Select(v => v ? 1.0 : 0)],
        var type => throw new NotSupportedException($"results of {type}"),
    };
}
