using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>Inputs that are pictures.</summary>
internal static class PictureShape
{
    private const int Largest = 96;     // pixels of a side; larger ones are shown smaller

    /// <summary>[channels, height, width] of an input [channels, height, width] with 1 or 3 channels, or [height, width]; null for anything else.</summary>
    public static Shape? Of(Shape input) => input.Rank switch
    {
        3 when input[0] is 1 or 3 && input[1] > 1 && input[2] > 1 => input,
        2 when input[0] > 1 && input[1] > 1 => [1, .. input],
        _ => (Shape?)null,
    };

    /// <summary>An input as a picture: its least value is black, its greatest white.</summary>
    /// <param name="values">[channels, height, width].</param>
    /// <param name="shape">As <see cref="Of"/> gives it.</param>
    public static Picture Draw(ReadOnlySpan<double> values, Shape shape)
    {
        (int channels, int height, int width) = ((int)shape[0], (int)shape[1], (int)shape[2]);
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (double value in values)
            if (double.IsFinite(value)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        double gain = high > low ? 255 / (high - low) : 0;
        Picture picture = new(width, height, channels);
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < height * width; i++)
            {
                double value = values[c * height * width + i];
                picture.Pixels[i * channels + c] = double.IsNaN(value) ? (byte)0 : (byte)Math.Round(Math.Clamp(gain * (value - low), 0, 255));
            }

        double shrink = Math.Min(1, Largest / (double)Math.Max(height, width));
        return picture.Resize(Math.Max(1, (int)(shrink * width)), Math.Max(1, (int)(shrink * height)));
    }
}
