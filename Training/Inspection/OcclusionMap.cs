namespace Gradwright.Training;

/// <summary>Lays a window over each place of some images and gathers how far the scores fall.</summary>
internal sealed class OcclusionMap(ClassScore score, Size2 size, Size2 step, double value)
{
    private const int MostImages = 128;     // that go through the model together

    private readonly int _height = (int)score.Input.Shape[2], _width = (int)score.Input.Shape[3], _images = (int)score.Count;

    /// <summary>[n, height, width].</summary>
    public Tensor Compute()
    {
        double[] falls = new double[_images * _height * _width], whole = HostValues.Numbers(score.Of(score.Input));
        int[] windows = new int[_height * _width];      // how many cover a pixel
        (int Top, int Left)[] places = [.. Starts(_height, size.Height, step.Height).SelectMany(top => Starts(_width, size.Width, step.Width).Select(left => (top, left)))];
        foreach ((int Top, int Left)[] some in places.Chunk(Math.Max(1, MostImages / _images)))
        {
            using TensorScope scope = new();
            double[] scores = HostValues.Numbers(score.Of(Tensor.Concat(Array.ConvertAll(some, Occluded))));
            for (int i = 0; i < some.Length; i++) Add(some[i], scores.AsSpan(i * _images, _images), whole, falls, windows);
        }

        for (int i = 0; i < falls.Length; i++) falls[i] /= windows[i % windows.Length];
        Shape shape = [_images, _height, _width];
        return score.Input.DType == DType.Float64 ? Tensor.From(falls, shape, score.Input.Accelerator)
            : Tensor.From(Array.ConvertAll(falls, fall => (float)fall), shape, score.Input.Accelerator).Cast(score.Input.DType);
    }

    private static IEnumerable<int> Starts(int length, int size, int step)
    {
        int last = length - size;
        for (int start = 0; start < last; start += step) yield return start;
        yield return last;
    }

    private Tensor Occluded((int Top, int Left) place)
    {
        Tensor copy = score.Input.Copy();
        copy.Slice(2, place.Top, size.Height).Slice(3, place.Left, size.Width).FillInPlace(value);
        return copy;
    }

    private void Add((int Top, int Left) place, ReadOnlySpan<double> scores, double[] whole, double[] falls, int[] windows)
    {
        for (int y = place.Top; y < place.Top + size.Height; y++)
            for (int x = place.Left; x < place.Left + size.Width; x++)
            {
                windows[y * _width + x]++;
                for (int n = 0; n < _images; n++) falls[(n * _height + y) * _width + x] += whole[n] - scores[n];
            }
    }
}
