using Gradwright.Kernels;

namespace Gradwright.Layers;

/// <summary>The parameters of one recurrent layer in one direction: W_ih [G·H, inputs], W_hh [G·H, H], b_ih and b_hh [G·H] or neither.</summary>
internal sealed record RecurrentWeights(Tensor Input, Tensor Recurrent, Tensor? InputBias, Tensor? RecurrentBias)
{
    /// <summary>Parameters for these sizes.</summary>
    public static RecurrentWeights Create(int gates, int inputs, int hidden, bool bias, DType dtype)
        => new(Tensor.Parameter([gates * hidden, inputs], dtype), Tensor.Parameter([gates * hidden, hidden], dtype),
            bias ? Tensor.Parameter([gates * hidden], dtype) : null, bias ? Tensor.Parameter([gates * hidden], dtype) : null);

    /// <summary>The parameters with their names, without what is appended for layers and directions.</summary>
    public IEnumerable<(string Name, Tensor Parameter)> Named()
    {
        yield return ("weight_ih", Input);
        yield return ("weight_hh", Recurrent);
        if (InputBias is not null) yield return ("bias_ih", InputBias);
        if (RecurrentBias is not null) yield return ("bias_hh", RecurrentBias);
    }

    /// <summary>The products of the input for all positions at once: x [T, N, inputs] → [T, N, G·H].</summary>
    public Tensor Project(Tensor x) => x.MatMul(Input.Transpose(), InputBias);

    /// <summary>Every parameter uniform in ±1/√H.</summary>
    public void Reset(Generator generator, string suffix = "")
    {
        Initializer uniform = Init.Uniform(1 / Math.Sqrt(Recurrent.Shape[1]));
        foreach ((string name, Tensor parameter) in Named()) uniform.Fill(parameter, generator.Fork(name + suffix));
    }

    /// <summary>The forget gates' biases, the second of the four parts: b_ih is <paramref name="value"/>, b_hh 0.</summary>
    public void SetForgetBias(double value)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        long hidden = Recurrent.Shape[1];
        InputBias!.Slice(0, hidden, hidden).FillInPlace(value);
        RecurrentBias!.Slice(0, hidden, hidden).FillInPlace(0);
    }
}
