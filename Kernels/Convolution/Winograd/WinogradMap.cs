namespace Gradwright.Kernels;

/// <summary>A channel of an image, or of a volume, as rows of tiles cover it.</summary>
/// <param name="Planes">Planes of the channel; 1 for images.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
/// <param name="Top">Rows of zeros before the first one.</param>
/// <param name="Left">Columns of zeros before the first one.</param>
/// <param name="TilesDown">Tiles along the height.</param>
/// <param name="TilesAcross">Tiles along the width.</param>
internal readonly record struct WinogradMap(int Planes, int Height, int Width, int Top, int Left, int TilesDown, int TilesAcross)
{
    /// <summary>Elements of a plane.</summary>
    public nint Pixels => (nint)Height * Width;

    /// <summary>Elements of a channel.</summary>
    public nint Volume => Planes * Pixels;
}
