namespace Gradwright.Data;

/// <summary>A colour in Oklab (Ottosson 2020), where equal distances look about equally different: lightness 0 … 1, green to red, blue to yellow.</summary>
internal readonly record struct OkLab(double L, double A, double B)
{
    private const int Halvings = 12;

    /// <summary>The most saturated colour that a screen shows, of this lightness and hue and at most this chroma.</summary>
    /// <param name="lightness">0 is black, 1 white.</param>
    /// <param name="chroma">0 is gray; screens end at some 0.3.</param>
    /// <param name="hue">In degrees: 30 is red, 110 yellow, 145 green, 260 blue.</param>
    public static OkLab Of(double lightness, double chroma, double hue)
    {
        (double sine, double cosine) = Math.SinCos(hue * Math.PI / 180);
        OkLab At(double share) => new(lightness, share * chroma * cosine, share * chroma * sine);
        if (At(1).IsShown) return At(1);
        (double low, double high) = (0, 1);
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = At(middle).IsShown ? (middle, high) : (low, middle);
        }

        return At(low);
    }

    /// <summary>How different two colours look.</summary>
    public static double Distance(OkLab a, OkLab b) => Math.Sqrt(Math.Pow(a.L - b.L, 2) + Math.Pow(a.A - b.A, 2) + Math.Pow(a.B - b.B, 2));

    /// <summary>A share of the way to another colour.</summary>
    public OkLab Towards(OkLab other, double share) => new(L + share * (other.L - L), A + share * (other.A - A), B + share * (other.B - B));

    /// <summary>The colour as a screen shows it (sRGB).</summary>
    public (byte Red, byte Green, byte Blue) ToRgb()
    {
        (double red, double green, double blue) = Linear;
        return (Encode(red), Encode(green), Encode(blue));
    }

    /// <summary>A colour of a screen.</summary>
    public static OkLab FromRgb(byte red, byte green, byte blue)
    {
        (double r, double g, double b) = (Decode(red), Decode(green), Decode(blue));
        double l = Math.Cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        double m = Math.Cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        double s = Math.Cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return new(0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s);
    }

    private bool IsShown => Linear is { Red: >= 0 and <= 1, Green: >= 0 and <= 1, Blue: >= 0 and <= 1 };

    private (double Red, double Green, double Blue) Linear
    {
        get
        {
            double l = Math.Pow(L + 0.3963377774 * A + 0.2158037573 * B, 3), m = Math.Pow(L - 0.1055613458 * A - 0.0638541728 * B, 3);
            double s = Math.Pow(L - 0.0894841775 * A - 1.2914855480 * B, 3);
            return (4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
        }
    }

    // The transfer curve of sRGB (IEC 61966-2-1).
    private static byte Encode(double light)
    {
        double value = light <= 0.0031308 ? 12.92 * light : 1.055 * Math.Pow(light, 1 / 2.4) - 0.055;
        return (byte)Math.Round(255 * Math.Clamp(value, 0, 1));
    }

    private static double Decode(byte value) => value <= 10 ? value / (255 * 12.92) : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);
}
