using System.Collections;
using System.Runtime.CompilerServices;

namespace Gradwright.Layers;

/// <summary>A module that turns a <typeparamref name="TIn"/> into a <typeparamref name="TOut"/>: tensors, tuples or lists of them, anything.</summary>
/// <example><code>
/// sealed class Block(int width) : Module&lt;Tensor, Tensor&gt;
/// {
///     private readonly Linear _first = new(width, width), _second = new(width, width);
///     protected override Tensor ForwardCore(Tensor x) =&gt; x + _second.Forward(_first.Forward(x).Relu());
/// }
/// </code></example>
public abstract class Module<TIn, TOut> : Module
{
    /// <summary>
    /// Runs the module in a scope of its own: the result goes to the caller's scope, what the backward pass needs to the tape,
    /// the rest is freed at once. Errors name the module.
    /// </summary>
    public TOut Forward(TIn input)
    {
        if (input is null) throw new ArgumentNullException(nameof(input), $"{Location}: there is no input to run on.");
        Prepare();
        string? outer = CallPath.Current;
        if (StepRecording.Current is { } recording)
        {
            recording.Conditions.Add(new ModeStays(this, IsTraining));
            recording.IsObserved |= HasHooks;
        }

        if (outer is null) RegisterAll(input);
        CallPath.Current = Location;
        ScopeStack scopes = ScopeStack.Current;
        int depth = scopes.Push();
        try
        {
            if (HasHooks) RaiseForwarding(input);
            TOut output = ForwardCore(input);
            if (output is Tensor tensor) scopes.Keep(tensor);
            else KeepAll(scopes, output);
            if (HasHooks) RaiseForwarded(input, output);
            return output;
        }
        catch (OperandException e)
        {
            e.Locate(Location);
            throw;
        }
        finally
        {
            scopes.Pop(depth);
            CallPath.Current = outer;
        }
    }

    /// <summary>Runs the module once on a sample without recording, so that layers learn their input sizes.</summary>
    /// <returns>This module.</returns>
    public Module<TIn, TOut> Build(TIn sample)
    {
        bool training = IsTraining;
        Eval();
        using (new TensorScope())
        using (Tape.NoRecord()) Forward(sample);
        if (training) Train();
        return this;
    }

    /// <summary>The computation: written with tensors, without a thought of lifetimes.</summary>
    protected abstract TOut ForwardCore(TIn input);

    /// <summary>A parameter that is passed in is trained by whoever passes it.</summary>
    private static void RegisterAll(object? input)
    {
        if (input is Tensor { IsParameter: true } parameter) parameter.Register(parameter.Name);
        if (input is not ITuple tuple) return;
        for (int i = 0; i < tuple.Length; i++) RegisterAll(tuple[i]);
    }

    private static void KeepAll(ScopeStack scopes, object? output)
    {
        switch (output)
        {
            case Tensor tensor:
                scopes.Keep(tensor);
                break;
            case ITuple tuple:
                for (int i = 0; i < tuple.Length; i++) KeepAll(scopes, tuple[i]);
                break;
            case IDictionary dictionary:
                foreach (object? value in dictionary.Values) KeepAll(scopes, value);
                break;
            case IEnumerable items and not string:
                foreach (object? item in items) KeepAll(scopes, item);
                break;
        }
    }
}
