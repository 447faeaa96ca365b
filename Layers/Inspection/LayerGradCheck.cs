namespace Gradwright.Layers;

/// <summary>Gradient checks of layers: <c>GradCheck.Assert(layer, x)</c>.</summary>
public static class LayerGradCheck
{
    extension(GradCheck)
    {
        /// <summary>
        /// Compares the gradients of a layer's input and of all its parameters with numeric ones. The layer's random streams are set back
        /// before each evaluation, its buffers too. Use Float64: <c>new Linear(3, 4, dtype: DType.Float64)</c>.
        /// </summary>
        public static GradCheckReport Run(Module<Tensor, Tensor> layer, Tensor x, GradCheckOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(layer);
            layer.Build(x);
            options = (options ?? new()) with { Generators = [.. layer.NamedGenerators().Select(entry => entry.Generator)] };
            (Tensor Buffer, Tensor Before)[] buffers = [.. layer.NamedBuffers().Select(entry => (entry.Buffer, new Kernels.Copy().Execute(entry.Buffer)))];
            try
            {
                return GradCheck.Run(inputs => Evaluate(layer, inputs[0], buffers), [x], options, layer.Parameters());
            }
            finally
            {
                Restore(buffers);
                foreach ((_, Tensor before) in buffers) before.Dispose();
            }
        }

        /// <summary>As <see cref="Run(Module{Tensor, Tensor}, Tensor, GradCheckOptions?)"/>, but throws when a gradient is wrong.</summary>
        /// <exception cref="GradCheckException">A gradient differs; the message names the worst element.</exception>
        public static void Assert(Module<Tensor, Tensor> layer, Tensor x, GradCheckOptions? options = null)
        {
            GradCheckReport report = GradCheck.Run(layer, x, options);
            if (!report.Passed) throw new GradCheckException($"{layer}: {report}", report);
        }
    }

    private static Tensor Evaluate(Module<Tensor, Tensor> layer, Tensor x, (Tensor Buffer, Tensor Before)[] buffers)
    {
        Restore(buffers);
        return layer.Forward(x);
    }

    private static void Restore((Tensor Buffer, Tensor Before)[] buffers)
    {
        foreach ((Tensor buffer, Tensor before) in buffers) new Kernels.Copy().ExecuteInto(buffer, before);
    }
}
