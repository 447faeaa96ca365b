namespace Gradwright;

/// <summary>
/// Which algorithms the processor may choose for a convolution and its gradients in single precision. They compute the same sums and round differently; the root mean
/// square of the errors is given as a multiple of that of plain sums in single precision. Doubles are always summed directly.
/// </summary>
/// <example><code>using (ConvolutionAlgorithm.Direct.Use()) y = model.Forward(x);</code></example>
public enum ConvolutionAlgorithm
{
    /// <summary>
    /// The fastest that round at most 1.5 times as much as plain sums: the default. 3×3 filters with stride 1 go by Winograd's algorithm on tiles of 4×4 pixels, which takes a
    /// quarter of the products, if the sums have many terms (errors of about 1.4 with 64 channels and 1.0 with 256), or else of 2×2.
    /// </summary>
    Fastest,

    /// <summary>The fastest of those that are no less accurate than plain sums: tiles of 2×2 pixels, with 4/9 of the products. Errors of about 0.6; 1 for the gradient of filters that see few pixels.</summary>
    Accurate,

    /// <summary>
    /// Sums of products as the formula has them. A NaN or infinity reaches those pixels only whose windows see it; with tiles it also reaches their neighbours.
    /// </summary>
    Direct,
}
