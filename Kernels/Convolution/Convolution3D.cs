namespace Gradwright.Kernels;

/// <summary>A convolution of volumes or videos: x [N, C, D, H, W], weight [K, C/groups, T, R, S], optional bias [K] → y [N, K, OD, OH, OW].</summary>
/// <param name="Depth">How the filter slides along D; its size is T.</param>
/// <param name="Vertical">How the filter slides along H; its size is R.</param>
/// <param name="Horizontal">How the filter slides along W; its size is S.</param>
/// <param name="Groups">Parts of channels and filters that do not see each other.</param>
public sealed record Convolution3D(Window Depth, Window Vertical, Window Horizontal, int Groups = 1) : Convolution(Depth, Vertical, Horizontal, Groups)
{
    public override string Name => nameof(Convolution3D);

    public override int Axes => 3;
}
