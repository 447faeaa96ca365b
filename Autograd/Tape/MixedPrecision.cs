namespace Gradwright;

/// <summary>
/// Computation with 16-bit numbers where they suffice (Micikevicius et al. 2018): parameters stay in Float32, activations are stored in 16 bits, which halves what the
/// tape keeps. Matrix products and convolutions get their operands rounded to 16 bits and add up in Float32; sums, softmax and losses run in Float32; all else takes
/// what comes, and Float32 where the two meet.
/// </summary>
/// <example><code>
/// using (MixedPrecision.BFloat16.Use())
/// using (var tape = new Tape())
///     tape.Backward(Loss.CrossEntropy(model.Forward(x), y));
/// </code></example>
/// <remarks>
/// Float16 ends at 65504 and loses numbers below 6e-8: gradients need a loss scale. BFloat16 has the range of Float32, and 7 bits after the leading one. On the CPU the
/// numbers are stored in 16 bits and computed with in Float32; CUDA devices use tensor cores. Gradients of parameters are Float32.
/// </remarks>
public enum MixedPrecision
{
    /// <summary>Everything as it comes: the default.</summary>
    Off,

    /// <summary>8 exponent bits, 7 bits after the leading one.</summary>
    BFloat16,

    /// <summary>5 exponent bits, 10 bits after the leading one.</summary>
    Float16,
}
