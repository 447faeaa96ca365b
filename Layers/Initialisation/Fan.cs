namespace Gradwright.Layers;

/// <summary>Which number of connections a variance is divided by.</summary>
public enum Fan
{
    /// <summary>The inputs of one output: activations keep their spread on the way forward.</summary>
    In,

    /// <summary>The outputs of one input: gradients keep their spread on the way back.</summary>
    Out,

    /// <summary>The mean of both.</summary>
    Average,
}
