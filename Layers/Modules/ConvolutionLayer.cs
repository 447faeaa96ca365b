namespace Gradwright.Layers;

/// <summary>What convolutions and transposed convolutions have in common: filters, a bias, and how the filters slide along one to three axes.</summary>
public abstract class ConvolutionLayer : Module<Tensor, Tensor>
{
    private readonly bool _hasBias;
    private int _inputs;
    private Generator? _generator;

    private protected ConvolutionLayer(int axes, int outputs, Size3 size, Size3 stride, Size3 dilation, int groups, bool bias)
    {
        (Axes, Outputs, Size, Stride, Dilation, Groups, _hasBias) = (axes, outputs, size, stride, dilation, groups, bias);
        Positive.Check(Name, (nameof(outputs), outputs), (nameof(groups), groups), (nameof(size), Least(size)), (nameof(stride), Least(stride)), (nameof(dilation), Least(dilation)));
        if (outputs % groups != 0) throw new ArgumentException($"{Name}: {outputs} output channels cannot be cut into {groups} equal groups.");
    }

    /// <summary>The filters.</summary>
    public Tensor Weight { get; private set; } = null!;

    /// <summary>One number per output channel, or null.</summary>
    public Tensor? Bias { get; private set; }

    /// <summary>How the filters start; by default uniform in ±1/√fan-in.</summary>
    public Initializer WeightInit { get; init; } = Init.KaimingUniform(slope: Math.Sqrt(5));

    /// <summary>How the bias starts; by default uniform in ±1/√fan-in.</summary>
    public Initializer? BiasInit { get; init; }

    protected internal override bool IsBuilt => Weight is not null;

    private protected string Name => GetType().Name;

    /// <summary>Number of spatial axes. The sizes below are the usual ones along axes that are not there.</summary>
    private protected int Axes { get; }

    private protected int Outputs { get; }

    private protected Size3 Size { get; }

    private protected Size3 Stride { get; }

    private protected Size3 Dilation { get; }

    private protected int Groups { get; }

    /// <summary>The first two dimensions of the weight.</summary>
    private protected abstract (int First, int Second) WeightPlanes(int inputs);

    /// <summary>The options that the subclass adds to the constructor call, each with a comma in front.</summary>
    private protected abstract string Options { get; }

    /// <summary>The computation on an x of the right rank and number of channels.</summary>
    private protected abstract Tensor Run(Tensor x);

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank != Axes + 2) throw new ShapeException($"{Name}: x {x.Shape} must be [batch, channels, {AxisNames}]. Add dimensions with Unsqueeze.");
        if (!IsBuilt)
        {
            Create(checked((int)x.Shape[1]), x.DType, x.Accelerator);
            Reset(_generator!);
            ParametersChanged();
        }

        if (x.Shape[1] != _inputs) throw new ShapeException($"{Name}: x {x.Shape} has {x.Shape[1]} channels, but the layer's weight {Weight.Shape} is for {_inputs}.");
        return Run(x);
    }

    protected override void Reset(Generator generator)
    {
        _generator = generator;
        if (!IsBuilt) return;
        WeightInit.Fill(Weight, generator.Fork(nameof(Weight)));
        if (Bias is not null) (BiasInit ?? Init.Uniform(1 / Math.Sqrt(Init.Fans(Weight.Shape).In))).Fill(Bias, generator.Fork(nameof(Bias)));
    }

    public override string ToString()
        => $"{Name}({(_inputs == 0 ? "?" : _inputs)} → {Outputs}, {Show(Size)}{Option("stride", Stride, 1)}{Options}{Option("dilation", Dilation, 1)}"
            + $"{(Groups == 1 ? "" : $", groups: {Groups}")}{(_hasBias ? "" : ", bias: false")})";

    private protected void Create(int inputs, DType dtype, Accelerator? accelerator = null)
    {
        Positive.Check(Name, (nameof(inputs), inputs));
        if (inputs % Groups != 0) throw new ArgumentException($"{Name}: {inputs} input channels cannot be cut into {Groups} equal groups.");
        _inputs = inputs;
        (long first, long second) = WeightPlanes(inputs);
        Shape shape = Axes switch { 1 => [first, second, Size.Width], 2 => [first, second, Size.Height, Size.Width], _ => [first, second, Size.Depth, Size.Height, Size.Width] };
        Weight = Tensor.Parameter(shape, dtype, accelerator: accelerator);
        Bias = _hasBias ? Tensor.Parameter([Outputs], dtype, accelerator: accelerator) : null;
    }

    /// <summary>An option of the constructor call, if it is not the usual one.</summary>
    private protected string Option(string name, Size3 value, int usual) => Printed.Option(name, Show(value), Show(usual));

    /// <summary>The numbers along the axes that are there.</summary>
    private protected string Show(Size3 value) => Axes switch { 1 => $"{value.Width}", 2 => $"({value.Height}, {value.Width})", _ => $"{value}" };

    /// <summary>A size along (height, width), with what is usual for strides and windows along the depth; and back.</summary>
    private protected static Size3 Volume(Size2 plane, int depth = 1) => new(depth, plane.Height, plane.Width);

    private protected static Size2 Plane(Size3 volume) => new(volume.Height, volume.Width);

    private protected static int Least(Size3 sizes) => Math.Min(Math.Min(sizes.Depth, sizes.Height), sizes.Width);

    private string AxisNames => Axes switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };
}
