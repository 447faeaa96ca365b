using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>Models as files that other programs run.</summary>
public static class ModuleExport
{
    extension(Module<Tensor, Tensor> model)
    {
        /// <summary>
        /// Saves what the model computes in evaluation mode as an ONNX file, with parameters and buffers under their paths. The mode of the model and of every module in it
        /// is afterwards what it was.
        /// </summary>
        /// <param name="path">The file to write or replace; it appears whole or not at all.</param>
        /// <param name="sample">An input, whose shape and element type become the file's.</param>
        /// <param name="options">Names, and whether the batch may have any length.</param>
        /// <exception cref="OnnxExportException">An op of the model has no counterpart in the format.</exception>
        public void ExportOnnx(string path, Tensor sample, OnnxOptions? options = null)
        {
            using EvaluationMode mode = new(model);
            model.Build(sample);
            options ??= new();
            if (options.State.Count == 0) options = options with { State = model.StateDictionary() };
            OnnxFile.Export(path, x => [model.Forward(x[0])], [sample], options);
        }
    }
}
