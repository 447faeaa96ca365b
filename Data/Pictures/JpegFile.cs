namespace Gradwright.Data;

/// <summary>
/// Reads JPEG with the system's libjpeg-turbo: baseline and progressive, gray, colour and CMYK, 8 bits per channel. It is the one thing here that is not
/// written in C#; without it everything else works. The orientation that a camera notes beside the picture is applied; colour profiles are not.
/// </summary>
public static unsafe class JpegFile
{
    private const int MostReduced = 8;      // a block of 8 × 8 becomes one pixel

    private const string Remedy = "Copy or make the file again.";

    /// <summary>Whether libjpeg-turbo is installed.</summary>
    public static bool IsAvailable => TurboJpeg.IsFound;

    /// <summary>Reads a file: gray pictures have 1 channel, all others 3.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The most pixels it may declare; a file that claims more is refused before anything is allocated.</param>
    /// <param name="acceptWarnings">
    /// Take what could be decoded where the library warns, as about superfluous bytes or data that end too early (the rest is gray then).
    /// </param>
    /// <param name="atLeast">
    /// If a smaller picture will do, the width and height that it must have: it then comes 2, 4 or 8 times smaller, decoded several times as fast, without aliasing. null: whole.
    /// </param>
    /// <exception cref="JpegFormatException">The file is no JPEG, is damaged, or is larger than allowed.</exception>
    /// <exception cref="DllNotFoundException">libjpeg-turbo is not installed; the message says how to get it.</exception>
    public static Picture Read(string path, long maxPixels = PictureLimits.MaxPixels, bool acceptWarnings = false, (int Width, int Height)? atLeast = null) =>
        Read(File.ReadAllBytes(path), path, maxPixels, acceptWarnings, atLeast);

    /// <summary>Reads a file's bytes; <paramref name="name"/> stands for the file in errors.</summary>
    /// <inheritdoc cref="Read(string, long, bool, ValueTuple{int, int}?)"/>
    public static Picture Read(
        ReadOnlySpan<byte> file, string name, long maxPixels = PictureLimits.MaxPixels, bool acceptWarnings = false, (int Width, int Height)? atLeast = null)
    {
        RequireLibrary();
        if (!IsJpeg(file))
            throw new JpegFormatException($"{name}: expected the bytes FF D8 FF that begin a JPEG file, found " +
                $"{Convert.ToHexString(file[..Math.Min(3, file.Length)])}. Is it a picture of another format?");
        nint decoder = TurboJpeg.tjInitDecompress();
        if (decoder == 0) throw new InvalidOperationException($"libjpeg-turbo: tjInitDecompress failed: {TurboJpeg.ErrorOf(0)}.");
        try
        {
            int orientation = ExifOrientation.Of(file);
            (int Width, int Height)? stored = ExifOrientation.IsTurned(orientation) && atLeast is (int width, int height) ? (height, width) : atLeast;
            return ExifOrientation.Apply(Decode(decoder, file, name, maxPixels, acceptWarnings, stored), orientation);
        }
        finally
        {
            _ = TurboJpeg.tjDestroy(decoder);       // it has nothing to tell: what failed has been reported
        }
    }

    /// <summary>Whether bytes begin as a JPEG file does.</summary>
    internal static bool IsJpeg(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <summary>Says what to install where the library is missing.</summary>
    internal static void RequireLibrary()
    {
        if (!IsAvailable)
            throw new DllNotFoundException("JPEG pictures are decoded by libjpeg-turbo, which was not found. Install it (Debian, Ubuntu: apt install " +
                "libturbojpeg0 or libturbojpeg; Fedora: dnf install turbojpeg; macOS: brew install jpeg-turbo; Windows: the installer from " +
                $"libjpeg-turbo.org), or name its file in the variable {TurboJpeg.Variable}; or convert the pictures to PNG.");
    }

    private static Picture Decode(nint decoder, ReadOnlySpan<byte> file, string name, long maxPixels, bool acceptWarnings, (int Width, int Height)? atLeast)
    {
        fixed (byte* bytes = file)
        {
            var length = new System.Runtime.InteropServices.CULong((nuint)file.Length);
            int width, height, sampling, space, reduction = 1;
            Check(decoder, TurboJpeg.tjDecompressHeader3(decoder, bytes, length, &width, &height, &sampling, &space), name, "header", acceptWarnings);
            if (width < 1 || height < 1) throw new JpegFormatException($"{name}: expected intact JPEG header, found none that tells the " +
                $"picture's size. {Remedy}");
            (int format, int channels) = space switch
            {
                TurboJpeg.SpaceGray => (TurboJpeg.FormatGray, 1),
                TurboJpeg.SpaceCmyk or TurboJpeg.SpaceYcck => (TurboJpeg.FormatCmyk, 4),
                _ => (TurboJpeg.FormatRgb, 3),
            };
            if ((long)width * height > maxPixels || !PictureLimits.FitsArray(width, height, channels))
                throw new JpegFormatException($"{name}: expected at most {Math.Min(maxPixels, Array.MaxLength / channels)} pixels, found {width} × {height}. Is it " +
                    "what it seems to be? If so, allow more with maxPixels.");
            while (reduction < MostReduced && atLeast is (int least, int high) && width / (2 * reduction) >= least && height / (2 * reduction) >= high) reduction *= 2;
            (width, height) = ((width + reduction - 1) / reduction, (height + reduction - 1) / reduction);      // the library rounds so
            byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * channels);
            fixed (byte* target = pixels)
                Check(decoder, TurboJpeg.tjDecompress2(decoder, bytes, length, target, width, width * channels, height, format,
                    TurboJpeg.AccurateDct | TurboJpeg.LimitScans), name, "data", acceptWarnings);
            return channels == 4 ? FromCmyk(width, height, pixels) : new Picture(width, height, channels, pixels);
        }
    }

    private static void Check(nint decoder, int status, string name, string part, bool acceptWarnings)
    {
        if (status == 0 || (acceptWarnings && TurboJpeg.tjGetErrorCode(decoder) == TurboJpeg.Warning)) return;
        throw new JpegFormatException($"{name}: expected intact JPEG {part}, but libjpeg-turbo says: {TurboJpeg.ErrorOf(decoder)}. {Remedy}");
    }

    // Programs store CMYK inverted (Adobe's way): 255 is no ink. So red is what cyan and black leave of it.
    private static Picture FromCmyk(int width, int height, byte[] cmyk)
    {
        var picture = new Picture(width, height, 3);
        for (int i = 0; i < cmyk.Length / 4; i++)
            for (int c = 0; c < 3; c++) picture.Pixels[3 * i + c] = (byte)((cmyk[4 * i + c] * cmyk[4 * i + 3] + 127) / 255);
        return picture;
    }
}
