namespace Gradwright.Layers;

/// <summary>Two-dimensional convolution (cross-correlation): [n, inputs, h, w] → [n, outputs, h′, w′] with h′ = ⌊(h + 2p − d(k − 1) − 1)/s⌋ + 1.</summary>
public sealed class Conv2D : Module<Tensor, Tensor>
{
    private readonly int _outputs, _groups;
    private readonly Size2 _size, _stride, _padding, _dilation;
    private readonly bool _hasBias;
    private int _inputs;
    private Generator? _generator;

    /// <summary>A convolution between known numbers of channels.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="size">Height and width k of the window.</param>
    /// <param name="stride">Distance s between windows; 1 by default.</param>
    /// <param name="padding">Rows and columns of zeros p on each side; 0 by default.</param>
    /// <param name="dilation">Distance d between the window's elements; 1 by default.</param>
    /// <param name="groups">Channels are cut into so many groups that do not see each other.</param>
    /// <param name="bias">Whether a number per output channel is added.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public Conv2D(int inputs, int outputs, Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null, int groups = 1, bool bias = true, DType dtype = DType.Float32)
        : this(outputs, size, stride, padding, dilation, groups, bias)
    {
        Positive.Check(nameof(Conv2D), (nameof(inputs), inputs));
        Create(inputs, dtype);
    }

    /// <summary>A convolution that learns the number of input channels, and the element type, from the first input.</summary>
    /// <inheritdoc cref="Conv2D(int, int, Size2, Size2?, Size2?, Size2?, int, bool, DType)"/>
    public Conv2D(int outputs, Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null, int groups = 1, bool bias = true)
    {
        (_outputs, _size, _stride, _padding, _dilation, _groups, _hasBias) = (outputs, size, stride ?? 1, padding ?? 0, dilation ?? 1, groups, bias);
        Positive.Check(nameof(Conv2D), (nameof(outputs), outputs), (nameof(groups), groups), (nameof(size), Math.Min(size.Height, size.Width)),
            (nameof(stride), Math.Min(_stride.Height, _stride.Width)), (nameof(dilation), Math.Min(_dilation.Height, _dilation.Width)));
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(_padding.Height, _padding.Width), nameof(padding));
        if (outputs % groups != 0) throw new ArgumentException($"Conv2D: {outputs} output channels cannot be cut into {groups} equal groups.");
    }

    /// <summary>The filters, [outputs, inputs / groups, height, width].</summary>
    public Tensor Weight { get; private set; } = null!;

    /// <summary>One number per output channel, or null.</summary>
    public Tensor? Bias { get; private set; }

    /// <summary>How the filters start; by default uniform in ±1/√fan-in.</summary>
    public Initializer WeightInit { get; init; } = Init.KaimingUniform(slope: Math.Sqrt(5));

    /// <summary>How the bias starts; by default uniform in ±1/√fan-in.</summary>
    public Initializer? BiasInit { get; init; }

    protected internal override bool IsBuilt => Weight is not null;

    protected override Tensor ForwardCore(Tensor x)
    {
        if (!IsBuilt) Infer(x);
        return x.Convolution2D(Weight, Bias, _stride, _padding, _dilation, _groups);
    }

    protected override void Reset(Generator generator)
    {
        _generator = generator;
        if (!IsBuilt) return;
        WeightInit.Fill(Weight, generator.Fork(nameof(Weight)));
        if (Bias is not null) (BiasInit ?? Init.Uniform(1 / Math.Sqrt(Init.Fans(Weight.Shape).In))).Fill(Bias, generator.Fork(nameof(Bias)));
    }

    public override string ToString()
        => $"Conv2D({(_inputs == 0 ? "?" : _inputs)} → {_outputs}, {_size}{Option("stride", _stride, 1)}{Option("padding", _padding, 0)}{Option("dilation", _dilation, 1)}"
            + $"{(_groups == 1 ? "" : $", groups: {_groups}")}{(_hasBias ? "" : ", bias: false")})";

    internal static string Option(string name, Size2 value, Size2 usual) => value == usual ? "" : $", {name}: {value}";

    private void Create(int inputs, DType dtype, Accelerator? accelerator = null)
    {
        if (inputs % _groups != 0) throw new ArgumentException($"Conv2D: {inputs} input channels cannot be cut into {_groups} equal groups.");
        _inputs = inputs;
        Weight = Tensor.Parameter([_outputs, inputs / _groups, _size.Height, _size.Width], dtype, accelerator: accelerator);
        Bias = _hasBias ? Tensor.Parameter([_outputs], dtype, accelerator: accelerator) : null;
    }

    private void Infer(Tensor x)
    {
        if (x.Rank != 4) throw new ShapeException($"Conv2D: x {x.Shape} must be [batch, channels, height, width]. Add dimensions with Unsqueeze.");
        Create(checked((int)x.Shape[1]), x.DType, x.Accelerator);
        Reset(_generator!);
        ParametersChanged();
    }
}
