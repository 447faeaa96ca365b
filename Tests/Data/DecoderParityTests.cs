using System.Buffers.Binary;
using System.Diagnostics;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>
/// All pictures of the folder that GRADWRIGHT_DATA names, decoded here and by Pillow (with the Python that GRADWRIGHT_PYTHON names, else python3): JPEG within two
/// levels, and each, written by Pillow as PNG, bit for bit.
/// </summary>
[TestFixture]
public sealed class DecoderParityTests
{
    private const int MostLevels = 2;

    // For every line of the input, a path: the same picture as PNG in the folder argv[1], then width, height and RGB to the output.
    private const string Script = """
        import os, struct, sys
        from PIL import Image
        for i, path in enumerate(sys.stdin.read().splitlines()):
            image = Image.open(path).convert("RGB")
            image.save(os.path.join(sys.argv[1], f"{i}.png"))
            sys.stdout.buffer.write(struct.pack("<ii", *image.size) + image.tobytes())
        """;

    [Test]
    public void Pictures_decode_as_Pillow_decodes_them()
    {
        if (!JpegFile.IsAvailable) Assert.Ignore("libjpeg-turbo is not installed (apt install libturbojpeg0)");
        string[] paths = [.. new[] { "cifar10_jpg_subset", "sklearn/images" }.SelectMany(folder => Directory.EnumerateFiles(RealData.Find(folder), "*.jpg", SearchOption.AllDirectories)).Order()];
        using TemporaryFolder folder = new();
        ReadOnlySpan<byte> reference = Pillow(paths, folder.Path);
        int most = 0;
        for (int i = 0; i < paths.Length; i++)
        {
            (int width, int height) = (BinaryPrimitives.ReadInt32LittleEndian(reference), BinaryPrimitives.ReadInt32LittleEndian(reference[4..]));
            ReadOnlySpan<byte> expected = reference.Slice(8, 3 * width * height);
            reference = reference[(8 + expected.Length)..];
            Picture png = PngFile.Read(folder[$"{i}.png"]), jpeg = JpegFile.Read(paths[i]);
            Assert.That((png.Width, png.Height, jpeg.Width, jpeg.Height), Is.EqualTo((width, height, width, height)), paths[i]);
            Assert.That(Rgb(png).SequenceEqual(expected), $"{paths[i]} as PNG");
            byte[] pixels = Rgb(jpeg);
            for (int j = 0; j < pixels.Length; j++) most = Math.Max(most, Math.Abs(pixels[j] - expected[j]));
        }
        TestContext.Out.WriteLine($"{paths.Length} pictures, JPEG within {most} levels");
        Assert.That(most, Is.LessThanOrEqualTo(MostLevels));
    }

    private static byte[] Pillow(string[] paths, string folder)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("GRADWRIGHT_PYTHON") ?? "python3", ["-c", Script, folder])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process python = Process.Start(start)!;
        Task<string> error = python.StandardError.ReadToEndAsync();
        foreach (string path in paths) python.StandardInput.WriteLine(path);
        python.StandardInput.Close();
        using MemoryStream pixels = new();
        python.StandardOutput.BaseStream.CopyTo(pixels);
        python.WaitForExit();
        if (error.Result.Contains("ModuleNotFoundError")) Assert.Ignore("Python has no Pillow");
        Assert.That(python.ExitCode, Is.Zero, error.Result);
        return pixels.ToArray();
    }

    private static byte[] Rgb(Picture picture) => picture.Channels == 3 ? picture.Pixels.ToArray() : [.. picture.Pixels.ToArray().SelectMany(gray => new[] { gray, gray, gray })];
}
