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

/// <summary>x · Φ(x), Φ the normal distribution function (Hendrycks and Gimpel 2016).</summary>
/// <param name="tanh">Approximate Φ through tanh, as GPT-2 and BERT do.</param>
public sealed class GELU(bool tanh = false) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => tanh ? x.GeluTanh() : x.Gelu();
    public override string ToString() => tanh ? "GELU(tanh: true)" : "GELU()";
}

/// <summary>x · sigmoid(x).</summary>
public sealed class SiLU : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Silu();
    public override string ToString() => "SiLU()";
}

/// <summary>ln(1 + e^βx)/β: a smooth ReLU, the sharper the larger β.</summary>
/// <param name="beta">β, positive.</param>
public sealed class Softplus(double beta = 1) : Module<Tensor, Tensor>
{
    private readonly double _beta = Positive.Check(nameof(Softplus), nameof(beta), beta, "the function divides by it");

    protected override Tensor ForwardCore(Tensor x) => _beta == 1 ? x.Softplus() : (x * _beta).Softplus() / _beta;
    public override string ToString() => _beta == 1 ? "Softplus()" : $"Softplus({_beta})";
}

/// <summary>tanh x.</summary>
public sealed class Tanh : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Tanh();
    public override string ToString() => "Tanh()";
}

/// <summary>1/(1 + e^−βx): the steeper the larger β.</summary>
/// <param name="beta">β.</param>
public sealed class Sigmoid(double beta = 1) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => beta == 1 ? x.Sigmoid() : (x * beta).Sigmoid();
    public override string ToString() => beta == 1 ? "Sigmoid()" : $"Sigmoid({beta})";
}

/// <summary>x/6 + ½, limited to [0, 1].</summary>
public sealed class HardSigmoid : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.HardSigmoid();
    public override string ToString() => "HardSigmoid()";
}

/// <summary>x · (x/6 + ½, limited to [0, 1]) (Howard et al. 2019).</summary>
public sealed class HardSwish : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.HardSwish();
    public override string ToString() => "HardSwish()";
}

/// <summary>x · tanh(ln(1 + eˣ)) (Misra 2019).</summary>
public sealed class Mish : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Mish();
    public override string ToString() => "Mish()";
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
