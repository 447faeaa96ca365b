namespace Gradwright.Layers;

/// <summary>max(x, 0).</summary>
public sealed class ReLU : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Relu();
    public override string ToString() => "ReLU()";
}

/// <summary>min(max(x, 0), 6).</summary>
public sealed class ReLU6 : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Clamp(0, 6);
    public override string ToString() => "ReLU6()";
}

/// <summary>x where x &gt; 0, else slope · x.</summary>
public sealed class LeakyReLU(double slope = 0.01) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.LeakyRelu(slope);
    public override string ToString() => $"LeakyReLU({slope})";
}

/// <summary>x where x &gt; 0, else α(eˣ − 1).</summary>
public sealed class ELU(double alpha = 1) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Elu(alpha);
    public override string ToString() => $"ELU({alpha})";
}

/// <summary>The self-normalising ELU.</summary>
public sealed class SELU : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Selu();
    public override string ToString() => "SELU()";
}

/// <summary>x · Φ(x).</summary>
public sealed class GELU : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Gelu();
    public override string ToString() => "GELU()";
}

/// <summary>x · sigmoid(x).</summary>
public sealed class SiLU : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Silu();
    public override string ToString() => "SiLU()";
}

/// <summary>ln(1 + eˣ).</summary>
public sealed class Softplus : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Softplus();
    public override string ToString() => "Softplus()";
}

/// <summary>tanh x.</summary>
public sealed class Tanh : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Tanh();
    public override string ToString() => "Tanh()";
}

/// <summary>1/(1 + e⁻ˣ).</summary>
public sealed class Sigmoid : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Sigmoid();
    public override string ToString() => "Sigmoid()";
}

/// <summary>eˣ / Σ eˣ along a dimension.</summary>
public sealed class Softmax(int axis = -1) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Softmax(axis);
    public override string ToString() => $"Softmax({axis})";
}

/// <summary>The logarithm of the softmax along a dimension.</summary>
public sealed class LogSoftmax(int axis = -1) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.LogSoftmax(axis);
    public override string ToString() => $"LogSoftmax({axis})";
}
