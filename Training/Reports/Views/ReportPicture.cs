using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>A picture of a report.</summary>
/// <param name="Png">A whole PNG file.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
public sealed record ReportPicture(byte[] Png, int Width, int Height)
{
    /// <summary>The picture as an address that holds it.</summary>
    internal string DataUri => $"data:image/png;base64,{Convert.ToBase64String(Png)}";

    internal static ReportPicture Of(Picture picture)
    {
        using MemoryStream png = new();
        PngFile.Write(png, picture);
        return new(png.ToArray(), picture.Width, picture.Height);
    }
}
