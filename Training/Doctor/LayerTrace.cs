using Gradwright.Kernels;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>What passes through a model in one forward and backward pass: signals, activations and gradients, layer by layer.</summary>
internal sealed class LayerTrace
{
    private const double Saturated = 0.99;

    private readonly Dictionary<Module, string> _paths;
    private readonly Stack<Module> _running = [];
    private Module? _last;      // the latest that ended and is a layer in its own right
    private bool _isLooking;    // the ops that run now are the trace's own

    private LayerTrace(Patient patient, Sample sample)
    {
        Module<Tensor, Tensor> model = patient.Model;
        _paths = model.Walk().ToDictionary(entry => entry.Module, entry => entry.Path);
        using TensorScope scope = new();
        using (new ForwardListener(model, Enter, Leave)) Forward(patient, sample);
        foreach ((string name, Tensor parameter) in model.NamedParameters())
            if (!parameter.IsFrozen) Parameters.Add(new(name, parameter.Rank, parameter.Grad is not null, Norm(parameter.Grad), Norm(parameter)));
        model.ZeroGrad();
    }

    public double Loss { get; private set; }

    /// <summary>The outputs; a host copy.</summary>
    public double[] Outputs { get; private set; } = [];

    public Shape OutputShape { get; private set; } = [];
    public DType OutputType { get; private set; }

    /// <summary>The name of the op that computed the outputs.</summary>
    public string LastOp { get; private set; } = "";

    /// <summary>The size (root mean square) of what each layer with weights gives, in the order in which they ran.</summary>
    public List<(string Where, double Size)> Signals { get; } = [];

    public List<ActivationTrace> Activations { get; } = [];
    public List<ParameterTrace> Parameters { get; } = [];

    /// <summary>Runs a lent model on samples.</summary>
    public static LayerTrace Of(Patient patient, Sample sample) => new(patient, sample);

    private void Forward(Patient patient, Sample sample)
    {
        using Tape tape = new();
        Tensor output;
        object? made = null;
        using (OpMonitor.Start((op, x, y) =>
        {
            if (_isLooking) return;
            if (x.Length == 0 || !ReferenceEquals(x[0]!.Buffer, y[0]!.Buffer)) LastOp = op.Name;     // views leave the numbers as they are
            made = y[0];
            _isLooking = true;
            if (_running.Count > 0) See(op, y[0]!);
            _isLooking = false;
        })) output = patient.Model.Forward(sample.Input);
        if (!ReferenceEquals(made, output)) LastOp = "";
        Activations.RemoveAll(activation => ReferenceEquals(activation.Output, output));
        (OutputShape, OutputType, Outputs) = (output.Shape, output.DType, HostValues.Numbers(output));
        Tensor loss = patient.Loss(output, sample.Target);
        Loss = loss.ToDouble();
        if (tape.Takes(loss)) tape.Backward(loss);
        for (int i = 0; i < Activations.Count; i++) Activations[i] = Activations[i] with { Output = null };
    }

    private void Enter(Module module, object? input) => _running.Push(module);

    private void Leave(Module module, object? input, object? output)
    {
        _running.Pop();
        bool weighs = module.Members.Parameters.Exists(entry => entry.Parameter.Rank >= 2);
        if (weighs || module.Children.Count == 0) _last = module;
        if (!weighs || output is not Tensor { DType: DType.Float32 or DType.Float64 } y) return;
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        _isLooking = true;
        Signals.Add((Name(module), Math.Sqrt(y.Detach().Square().Mean().ToDouble())));
        _isLooking = false;
    }

    private void See(Op op, Tensor y)
    {
        bool relu = op is Unary<Relu>, tanh = op is Unary<Kernels.Tanh>, sigmoid = op is Unary<Kernels.Sigmoid>;
        if (!(relu || tanh || sigmoid) || y.Rank < 2 || !y.DType.IsFloating) return;
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        Tensor values = y.Detach().Cast(DType.Float32);
        int units = y.Rank >= 4 || (y.Rank == 3 && _last is Conv1D or BatchNorm1D) ? 1 : y.Rank - 1;
        Module module = _running.Peek();
        string where = module.Children.Count == 0 && module.Members.Parameters.Count == 0 ? Name(module)
            : $"{op.Name} in {Name(module)}{(_last is null || _last == module ? "" : $", after {Name(_last)}")}";
        double idle = 0, saturated = 0;
        if (relu)
        {
            float[] largest = values.Max([.. Enumerable.Range(0, y.Rank).Where(axis => axis != units)]).ToArray<float>();
            idle = largest.Count(value => !(value > 0)) / (double)largest.Length;
        }
        else
        {
            Tensor centred = sigmoid ? 2 * values - 1 : values;     // the sigmoid's flat ends are at ±1 then, too
            saturated = (centred.Abs() > (sigmoid ? 2 * Saturated - 1 : Saturated)).Cast(DType.Float32).Mean().ToDouble();
        }

        Activations.Add(new(where, op.Name, y.Shape[units], idle, saturated, y));
    }

    private string Name(Module module) => Patient.NameOf(_paths.GetValueOrDefault(module, ""), module);

    private static double Norm(Tensor? x)
    {
        if (x is null) return 0;
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        return Math.Sqrt(x.Detach().Cast(DType.Float64).Square().Sum().ToDouble());
    }
}

/// <summary>What a nonlinearity gave.</summary>
/// <param name="Where">Its place.</param>
/// <param name="Op">Which.</param>
/// <param name="Units">How many units it has.</param>
/// <param name="Idle">The share of rectifiers that are 0 for every sample.</param>
/// <param name="Saturated">The share of values of a tanh or sigmoid that lie at its flat ends.</param>
/// <param name="Output">The values themselves, while the pass runs.</param>
internal sealed record ActivationTrace(string Where, string Op, long Units, double Idle, double Saturated, Tensor? Output);

/// <summary>A parameter's gradient.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Rank">Its number of dimensions; weights have 2 or more.</param>
/// <param name="IsReached">Whether a gradient arrived.</param>
/// <param name="Gradient">The gradient's norm.</param>
/// <param name="Weight">The parameter's norm.</param>
internal readonly record struct ParameterTrace(string Name, int Rank, bool IsReached, double Gradient, double Weight);
