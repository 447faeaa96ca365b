namespace Gradwright.Layers;

/// <summary>Models for inference.</summary>
public static class ModelCompilation
{
    extension(Module<Tensor, Tensor> model)
    {
        /// <summary>
        /// The model for inference: recorded at its second run and repeated from then on, with batch norms folded into convolutions, a fixed plan of the memory and no
        /// allocations (see <see cref="Capture.Compile"/>).
        /// </summary>
        /// <example><code>
        /// model.Eval();
        /// using CapturedStep fast = model.Compile();
        /// Tensor scores = fast.Run(image);            // holds until the next run
        /// </code></example>
        /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
        public CapturedStep Compile()
        {
            ArgumentNullException.ThrowIfNull(model);
            if (model.IsTraining) throw new InvalidOperationException($"Compile: {model.Location} is in training mode. Call model.Eval() first.");
            return Capture.Compile(x =>
            {
                using Tape.Pause pause = Tape.NoRecord();
                return model.Forward(x);
            });
        }
    }
}
