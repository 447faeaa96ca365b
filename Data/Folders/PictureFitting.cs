namespace Gradwright.Data;

/// <summary>Brings a picture to the channels and the size that samples have.</summary>
internal static class PictureFitting
{
    /// <summary>The size that a picture must still have when it is fitted: twice that of the samples, so that resizing remains a mean of many pixels. null: its own.</summary>
    private static (int Width, int Height)? SmallestOf(ImageFolderOptions options) =>
        options.ShrinkWhileDecoding && options.Fit is PictureFit.Stretch or PictureFit.CropCentre or PictureFit.Pad ? (2 * options.Width, 2 * options.Height) : null;

    /// <summary>A file's picture, with the channels and in the size that were asked for.</summary>
    public static Picture Read(string path, ImageFolderOptions options) =>
        Fit(Convert(PictureFile.Read(path, options.MaxPixels, SmallestOf(options)), options.Channels), options, path);

    private static Picture Fit(Picture picture, ImageFolderOptions options, string name)
    {
        (int width, int height, int wanted, int high) = (picture.Width, picture.Height, options.Width, options.Height);
        if ((width, height) == (wanted, high) || options.Fit == PictureFit.Original) return picture;
        switch (options.Fit)
        {
            case PictureFit.Stretch:
                return picture.Resize(wanted, high);
            case PictureFit.CropCentre:
                double part = Math.Min((double)width / wanted, (double)height / high);
                return picture.Resize(wanted, high, (width - wanted * part) / 2, (height - high * part) / 2, wanted * part, high * part);
            case PictureFit.Pad:
                double scale = Math.Min((double)wanted / width, (double)high / height);
                Picture whole = picture.Resize(Math.Clamp((int)Math.Round(width * scale), 1, wanted), Math.Clamp((int)Math.Round(height * scale), 1, high));
                Picture padded = new(wanted, high, picture.Channels);
                int left = (wanted - whole.Width) / 2, top = (high - whole.Height) / 2;
                for (int y = 0; y < whole.Height; y++) whole.Row(y).CopyTo(padded.Row(top + y)[(left * picture.Channels)..]);
                return padded;
            default:
                throw new FormatException($"{name}: expected a picture of {wanted} × {high}, found {width} × {height}. Choose a PictureFit that " +
                    "changes sizes.");
        }
    }

    // Luminance: ITU-R BT.601, with weights of 16 bits.
    private static Picture Convert(Picture picture, int channels)
    {
        if (picture.Channels == channels) return picture;
        Picture result = new(picture.Width, picture.Height, channels);
        ReadOnlySpan<byte> from = picture.Pixels;
        Span<byte> to = result.Pixels;
        int stored = picture.Channels, colours = stored <= 2 ? 1 : 3;
        for (; !from.IsEmpty; from = from[stored..], to = to[channels..])
        {
            if (channels == 1) to[0] = colours == 1 ? from[0] : (byte)((from[0] * 19595 + from[1] * 38470 + from[2] * 7471 + 32768) >> 16);
            else
                for (int c = 0; c < 3; c++) to[c] = from[colours == 1 ? 0 : c];
        }
        return result;
    }
}
