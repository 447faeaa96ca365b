namespace Gradwright.Layers;

/// <summary>
/// Memory against computation (Chen et al. 2016): what a module computes is not kept for the backward pass but computed again there, from its operands, to the same bits.
/// A stack of n checkpointed blocks keeps n operands and the inside of one block, for one more forward pass.
/// </summary>
public static class ActivationCheckpoint
{
    /// <summary>
    /// Runs a module of any operands and results: <c>ActivationCheckpoint.Run(lstm, x => [lstm.Forward(x[0]).Output], input)</c>. Modules of one tensor in and out
    /// have <see cref="Checkpointed"/>.
    /// </summary>
    /// <param name="module">Whose parameters, random streams and buffers the computation uses. Its sizes must be known.</param>
    /// <param name="forward">Runs it; called once more in the backward pass, when the module's hooks also run again.</param>
    /// <param name="x">The operands.</param>
    /// <returns>What <paramref name="forward"/> returned.</returns>
    public static Tensor[] Run(Module module, Func<Tensor[], Tensor[]> forward, params Tensor[] x)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(x);
        if (Tape.Current is null) return forward(x);
        Tensor[] parameters = [.. module.Parameters().Where(p => !p.IsFrozen)];
        Generator[] generators = [.. module.NamedGenerators().Select(entry => entry.Generator)];
        GeneratorState[] states = [.. generators.Select(generator => generator.State)];
        return Tape.Checkpoint(forward, x, parameters, () => new Replay(module, generators, states));
    }

    /// <summary>The module as it was before the first run; afterwards as it is.</summary>
    private sealed class Replay : IDisposable
    {
        private readonly Generator[] _generators;
        private readonly GeneratorState[] _states;
        private readonly (Tensor Buffer, Tensor Values)[] _buffers;

        public Replay(Module module, Generator[] generators, GeneratorState[] before)
        {
            (_generators, _states) = (generators, [.. generators.Select(generator => generator.State)]);
            // Statistics that a forward pass in training updates have taken it in already.
            _buffers = module.IsTraining ? [.. module.NamedBuffers().Select(entry => (entry.Buffer, new Kernels.Copy().Execute(entry.Buffer)))] : [];
            for (int i = 0; i < generators.Length; i++) generators[i].State = before[i];
        }

        public void Dispose()
        {
            for (int i = 0; i < _generators.Length; i++) _generators[i].State = _states[i];
            foreach ((Tensor buffer, Tensor values) in _buffers)
            {
                new Kernels.Copy().ExecuteInto(buffer, values);
                values.Dispose();
            }
        }
    }
}
