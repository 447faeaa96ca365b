namespace Gradwright;

/// <summary>
/// To how many bits a GPU may round the operands of matrix products in single precision, in exchange for speed: tensor cores multiply rounded numbers, and
/// add the products up in single precision. Products of doubles, small ones, and those on devices without such units are not affected.
/// </summary>
/// <example><code>using (MatMulPrecision.TensorFloat32.Use()) loss = model.Forward(x);</code></example>
public enum MatMulPrecision
{
    /// <summary>Operands as they are: the default.</summary>
    Float32,

    /// <summary>10 bits after the leading one: each operand is off by at most 2⁻¹¹ of itself. CUDA, compute capability 8.0 and later.</summary>
    TensorFloat32,

    /// <summary>7 bits after the leading one: each operand is off by at most 2⁻⁸ of itself. CUDA, compute capability 8.0 and later.</summary>
    BFloat16,
}
