namespace Gradwright.Optim;

public abstract partial class Optimizer
{
    /// <summary>Bytes of the states that exist.</summary>
    internal long StateBytes => _groups.SelectMany(group => group.States).SelectMany(state => (Tensor?[])[state.First, state.Second, state.Third]).Sum(state => state?.Buffer.Length ?? 0);

    /// <summary>Until disposed, the optimizer is as if it had never taken a step; then it is what it was, on the same memory.</summary>
    /// <exception cref="InvalidOperationException">It is between looking ahead and the step.</exception>
    internal Loan Lend() => new(this);

    /// <summary>The span in which the state is set aside.</summary>
    internal sealed class Loan : IDisposable
    {
        private readonly Optimizer _optimizer;
        private readonly long _steps;
        private readonly (ParameterState State, long Step, Tensor? First, Tensor? Second, Tensor? Third)[] _states;

        public Loan(Optimizer optimizer)
        {
            ObjectDisposedException.ThrowIf(optimizer._disposed, optimizer);
            if (optimizer.IsPrepared) throw new InvalidOperationException($"{optimizer.Kind}: the parameters are ahead of their places. Take the step first.");
            (_optimizer, _steps) = (optimizer, optimizer.StepCount);
            _states = [.. optimizer._groups.SelectMany(group => group.States).Select(state => (state, state.Step, state.First, state.Second, state.Third))];
            foreach ((ParameterState state, _, _, _, _) in _states) (state.Step, state.First, state.Second, state.Third) = (0, null, null, null);
        }

        public void Dispose()
        {
            _optimizer.Abandon();
            foreach ((ParameterState state, long step, Tensor? first, Tensor? second, Tensor? third) in _states)
            {
                state.Free();
                (state.Step, state.First, state.Second, state.Third) = (step, first, second, third);
            }

            _optimizer.StepCount = _steps;
        }
    }
}
