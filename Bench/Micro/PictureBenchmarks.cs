using BenchmarkDotNet.Attributes;
using Gradwright.Data;

namespace Gradwright.Bench;

/// <summary>What a loader of pictures waits for: packing and unpacking PNG, and what a training picture goes through. A soft picture with noise, as photographs have.</summary>
[MemoryDiagnoser]
public class PictureBenchmarks
{
    private readonly Generator _random = new(1);
    private readonly ImageCanvas _canvas = new();
    private readonly ImageTransform _augment = new Compose(new RandomResizedCrop(224, 224), new RandomFlip(), Normalize.ByChannel([0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]));
    private Picture _picture = new(1, 1, 3);
    private byte[] _file = [], _planes = [];

    /// <summary>Width; the height is 3/4 of it.</summary>
    [Params(32, 512)]
    public int Width { get; set; }

    [GlobalSetup]
    public void Draw()
    {
        _picture = new(Width, Width * 3 / 4, 3);
        for (int y = 0; y < _picture.Height; y++)
            for (int x = 0; x < Width; x++)
                for (int c = 0; c < 3; c++) _picture[x, y][c] = (byte)(128 + 60 * Math.Sin((x + c * 9) * 12.0 / Width) * Math.Cos(y * 9.0 / Width) + 6 * (_random.NextDouble() - 0.5));
        using MemoryStream file = new();
        PngFile.Write(file, _picture);
        _file = file.ToArray();
        _planes = new byte[_picture.Pixels.Length];
    }

    [Benchmark]
    public Picture ReadPng() => PngFile.Read(_file, "picture");

    [Benchmark]
    public long WritePng()
    {
        using MemoryStream file = new(_file.Length * 2);
        PngFile.Write(file, _picture);
        return file.Length;
    }

    [Benchmark]
    public float Augment()
    {
        _canvas.Load(_planes, new ImageShape(3, _picture.Height, Width));
        _augment.Apply(_canvas, _random);
        return _canvas.Pixels[0];
    }
}
