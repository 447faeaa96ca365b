namespace Gradwright.Training;

/// <summary>Images under a bell curve, which is cut off at three standard deviations; beyond the edge the outermost pixels go on.</summary>
internal static class GaussianBlur
{
    private const double Reach = 3;     // standard deviations

    /// <summary>Blurs images [n, channels, height, width].</summary>
    public static Tensor Of(Tensor x, double deviation)
    {
        int radius = Math.Max(1, (int)Math.Ceiling(Reach * deviation)), length = 2 * radius + 1;
        double[] bell = [.. Enumerable.Range(-radius, length).Select(i => Math.Exp(-0.5 * i * i / (deviation * deviation)))];
        double sum = bell.Sum();
        Tensor filter = Tensor.From(bell.Select(weight => (float)(weight / sum)).ToArray(), [1, 1, length, 1], x.Accelerator).Cast(x.DType);
        Tensor planes = x.Reshape(x.Shape[0] * x.Shape[1], 1, x.Shape[2], x.Shape[3]).Pad([(radius, radius), (radius, radius)], mode: PadMode.Replicate);
        return planes.Convolution2D(filter).Convolution2D(filter.Reshape(1, 1, 1, length)).Reshape(x.Shape);
    }
}
