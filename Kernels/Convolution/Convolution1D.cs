namespace Gradwright.Kernels;

/// <summary>A convolution of sequences: x [N, C, L], weight [K, C/groups, S], optional bias [K] → y [N, K, OL]. It is computed as one of images with a single row.</summary>
/// <param name="Horizontal">How the filter slides along L.</param>
/// <param name="Groups">Parts of channels and filters that do not see each other.</param>
public sealed record Convolution1D(Window Horizontal, int Groups = 1) : Convolution(new(1), new(1), Horizontal, Groups)
{
    public override string Name => nameof(Convolution1D);

    public override int Axes => 1;
}
