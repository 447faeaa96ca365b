using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>Holds what a layer of a model makes of an input, until it is disposed; of several runs the last.</summary>
internal sealed class LayerProbe : IDisposable
{
    private readonly Module _model;
    private readonly Module? _layer;
    private readonly string _caller;
    private readonly ForwardListener _listener;
    private Tensor? _result;

    /// <param name="model">The model.</param>
    /// <param name="layer">
    /// One of its modules; null: the last convolution of images together with the norms and activations behind it, that is the last module with results of its shape.
    /// </param>
    /// <param name="caller">For messages.</param>
    public LayerProbe(Module model, Module? layer, string caller)
    {
        if (layer is not null && !model.Walk().Any(entry => entry.Module == layer))
            throw new ArgumentException($"{caller}: {layer} is no part of {model.Location}. It has {Names(model)}.", nameof(layer));
        (_model, _layer, _caller) = (model, layer, caller);
        _listener = new(model, null, Note);
    }

    /// <summary>The module with a path, such as <c>features.3</c>.</summary>
    public static Module Find(Module model, string path, string caller)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(path);
        return model.Walk().FirstOrDefault(entry => entry.Path == path).Module
            ?? throw new ArgumentException($"{caller}: {model.Location} has no layer '{path}'. It has {Names(model)}.", nameof(path));
    }

    /// <summary>The layer's results; they belong to the innermost scope from now on, and are known to the tape as what the layer has made.</summary>
    public Tensor Take()
    {
        Tensor result = _result ?? throw new InvalidOperationException(_layer is null
            ? $"{_caller}: no convolution of images ran in {_model.Location}. Name the layer whose results are to be looked at; it has {Names(_model)}."
            : $"{_caller}: {_layer.Location} did not run, or gave no floating-point tensor. Name another layer.");
        if (result.TapeNode is null) throw new InvalidOperationException($"{_caller}: the results of {_layer} do not depend on the input. Name another layer.");
        _result = null;
        result.EnterScope();
        return result;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _result?.Free();
    }

    // An alias, because what lies between two layers is freed when the second has run.
    private void Note(Module module, object? input, object? output)
    {
        if (output is not Tensor { DType.IsFloating: true } y || !(_layer is null ? (module is ConvolutionLayer && y.Rank == 4) || y.Shape == _result?.Shape : module == _layer)) return;
        _result?.Free();
        _result = y.Alias(ownership: Tensor.Ownership.Internal);
        (_result.TapeNode, _result.TapeOutput) = (y.TapeNode, y.TapeOutput);
    }

    private static string Names(Module model) => string.Join(", ", model.Walk().Where(entry => entry.Path.Length > 0).Select(entry => $"'{entry.Path}' ({entry.Module.GetType().Name})").DefaultIfEmpty("none"));
}
