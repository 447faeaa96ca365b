namespace Gradwright.Kernels;

/// <summary>A convolution of images: x [N, C, H, W], weight [K, C/groups, R, S], optional bias [K] → y [N, K, OH, OW].</summary>
/// <param name="Vertical">How the filter slides along H; its size is R.</param>
/// <param name="Horizontal">How the filter slides along W; its size is S.</param>
/// <param name="Groups">Parts of channels and filters that do not see each other.</param>
public sealed record Convolution2D(Window Vertical, Window Horizontal, int Groups = 1) : Convolution(new(1), Vertical, Horizontal, Groups)
{
    public override string Name => nameof(Convolution2D);

    public override int Axes => 2;
}
