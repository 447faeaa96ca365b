using System.Numerics;

namespace Gradwright.Data;

/// <summary>Adjustments of colours in 0 … 1; results are cut to that range.</summary>
internal static class Colours
{
    /// <summary>Luminance: ITU-R BT.601.</summary>
    public const float Red = 0.299f, Green = 0.587f, Blue = 0.114f;

    public static float Gray(float red, float green, float blue) => Red * red + Green * green + Blue * blue;

    /// <summary>factor · x.</summary>
    public static void Brightness(ImageCanvas picture, float factor) => Blend(picture.Pixels, 0, factor);

    /// <summary>Away from the mean luminance of the picture, or towards it.</summary>
    public static void Contrast(ImageCanvas picture, float factor)
    {
        double sum = 0;
        if (picture.Shape.Channels == 3)
        {
            Span<float> red = picture.Plane(0), green = picture.Plane(1), blue = picture.Plane(2);
            for (int i = 0; i < red.Length; i++) sum += Gray(red[i], green[i], blue[i]);
        }
        else
        {
            foreach (float value in picture.Plane(0)) sum += value;
        }

        Blend(picture.Pixels, (float)(sum / picture.Shape.Plane), factor);
    }

    /// <summary>Away from each pixel's luminance, or towards it.</summary>
    public static void Saturation(ImageCanvas picture, float factor)
    {
        Span<float> red = picture.Plane(0), green = picture.Plane(1), blue = picture.Plane(2);
        for (int i = 0; i < red.Length; i++)
        {
            float gray = (1 - factor) * Gray(red[i], green[i], blue[i]);
            (red[i], green[i], blue[i]) = (Cut(gray + factor * red[i]), Cut(gray + factor * green[i]), Cut(gray + factor * blue[i]));
        }
    }

    /// <summary>Turns every colour along the circle of hues, in turns; lightness and saturation (of the HSV model) stay.</summary>
    public static void Hue(ImageCanvas picture, float turns)
    {
        Span<float> red = picture.Plane(0), green = picture.Plane(1), blue = picture.Plane(2);
        float shift = 6 * (turns - MathF.Floor(turns));
        for (int i = 0; i < red.Length; i++)
        {
            (float r, float g, float b) = (red[i], green[i], blue[i]);
            float high = Math.Max(r, Math.Max(g, b)), range = high - Math.Min(r, Math.Min(g, b));
            if (range <= 0) continue;       // gray has no hue
            float hue = shift + (high == r ? (g - b) / range : high == g ? 2 + (b - r) / range : 4 + (r - g) / range);
            (red[i], green[i], blue[i]) = (Channel(5), Channel(3), Channel(1));

            // A channel falls and rises along the circle as a trapezium: full within one sixth of its own hue, none opposite.
            float Channel(int offset)
            {
                float at = (hue + offset + 6) % 6;
                return high - range * Math.Clamp(Math.Min(at, 4 - at), 0, 1);
            }
        }
    }

    private static void Blend(Span<float> pixels, float towards, float factor)
    {
        towards *= 1 - factor;
        int i = 0;
        for (; i <= pixels.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Min(Vector.Max(new Vector<float>(towards) + new Vector<float>(pixels[i..]) * factor, Vector<float>.Zero), Vector<float>.One).CopyTo(pixels[i..]);
        for (; i < pixels.Length; i++) pixels[i] = Cut(towards + factor * pixels[i]);
    }

    private static float Cut(float value) => Math.Clamp(value, 0, 1);
}
