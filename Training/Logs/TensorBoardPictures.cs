using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>Pictures for TensorBoard.</summary>
public static class TensorBoardPictures
{
    extension(TensorBoardWriter writer)
    {
        /// <summary>Shows a picture under a tag at a step.</summary>
        public void AddImage(string tag, Picture picture, long step)
        {
            ArgumentNullException.ThrowIfNull(picture);
            using MemoryStream png = new();
            PngFile.Write(png, picture);
            writer.AddImage(tag, png.GetBuffer().AsSpan(0, (int)png.Length), picture.Width, picture.Height, picture.Channels, step);
        }
    }
}
