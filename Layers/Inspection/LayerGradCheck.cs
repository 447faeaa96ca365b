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
            return GradCheck.Run(layer, inputs => layer.Forward(inputs[0]), [x], options);
        }

        /// <summary>The same for a module of several operands or results: <c>GradCheck.Run(lstm, x => lstm.Forward(x[0], state).Output, [x])</c>.</summary>
        /// <param name="module">Whose parameters are checked; its sizes must be known.</param>
        /// <param name="forward">Runs the module on the operands and makes one tensor of the results.</param>
        /// <param name="inputs">Where to check. Tensors of integers and truth values are passed on as they are.</param>
        /// <param name="options">Step, tolerance, sampling.</param>
        public static GradCheckReport Run(Module module, Func<Tensor[], Tensor> forward, Tensor[] inputs, GradCheckOptions? options = null)
            => Check(GradCheck.Run, module, forward, inputs, options);

        /// <summary>Compares the derivatives of a module's gradients with numeric ones.</summary>
        /// <inheritdoc cref="Run(Module, Func{Tensor[], Tensor}, Tensor[], GradCheckOptions?)"/>
        public static GradCheckReport RunSecondOrder(Module module, Func<Tensor[], Tensor> forward, Tensor[] inputs, GradCheckOptions? options = null)
            => Check(GradCheck.RunSecondOrder, module, forward, inputs, options);

        /// <summary>As <see cref="Run(Module{Tensor, Tensor}, Tensor, GradCheckOptions?)"/>, but throws when a gradient is wrong.</summary>
        /// <exception cref="GradCheckException">A gradient differs; the message names the worst element.</exception>
        public static void Assert(Module<Tensor, Tensor> layer, Tensor x, GradCheckOptions? options = null)
        {
            GradCheckReport report = GradCheck.Run(layer, x, options);
            if (!report.Passed) throw new GradCheckException($"{layer}: {report}", report);
        }
    }

    private delegate GradCheckReport Checker(Func<Tensor[], Tensor> f, Tensor[] inputs, GradCheckOptions? options, IReadOnlyList<Tensor>? parameters);

    private static GradCheckReport Check(Checker check, Module module, Func<Tensor[], Tensor> forward, Tensor[] inputs, GradCheckOptions? options)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(forward);
        options = (options ?? new()) with { Generators = [.. module.NamedGenerators().Select(entry => entry.Generator)] };
        (Tensor Buffer, Tensor Before)[] buffers = [.. module.NamedBuffers().Select(entry => (entry.Buffer, new Kernels.Copy().Execute(entry.Buffer)))];
        try
        {
            return check(x =>
            {
                Restore(buffers);
                return forward(x);
            }, inputs, options, module.Parameters());
        }
        finally
        {
            Restore(buffers);
            foreach ((_, Tensor before) in buffers) before.Dispose();
        }
    }

    private static void Restore((Tensor Buffer, Tensor Before)[] buffers)
    {
        foreach ((Tensor buffer, Tensor before) in buffers) new Kernels.Copy().ExecuteInto(buffer, before);
    }
}
