namespace Gradwright.Data;

/// <summary>What a picture file may ask for. A small file can claim, or unpack to, far more than fits into memory.</summary>
public static class PictureLimits
{
    /// <summary>
    /// The most pixels a file may declare unless the caller says otherwise: 2²⁷, such as 11,585 × 11,585. It is checked before anything is allocated.
    /// </summary>
    public const long MaxPixels = 1L << 27;

    /// <summary>The limit of one picture in one array, in bytes of all channels.</summary>
    internal static bool FitsArray(long width, long height, long bytesPerPixel) => (Int128)width * height * bytesPerPixel <= Array.MaxLength;
}
