using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>Weights from files.</summary>
public static class ModelFiles
{
    extension(Module model)
    {
        /// <summary>
        /// Copies the weights and buffers of a file into the model: of a safetensors file with the names of <see cref="Module.StateDictionary"/>, or of a
        /// <see cref="Trainer"/>'s checkpoint, whose other contents are left alone.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <exception cref="ArgumentException">Names or shapes are not the model's. Nothing was changed.</exception>
        /// <exception cref="FormatException">The file is damaged, or neither of these.</exception>
        public void LoadWeights(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            using TensorScope scope = new();
            model.LoadState(CheckpointFile.IsCheckpoint(path) ? Trainer.ModelState(CheckpointFile.Load(path)) : Safetensors.Load(path));
        }
    }
}
