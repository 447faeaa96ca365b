using System.Globalization;
using Gradwright.Data;
using Gradwright.Layers;

namespace Gradwright.Examples.Pictures;

/// <summary>All that it takes to name a picture: the network, its classes, and how pictures become its inputs.</summary>
internal sealed record PictureModel(Sequential Network, IReadOnlyList<string> Classes, int Width, ImageFolderOptions Form, Normalize Normalize) : IDisposable
{
    private const char Separator = '/';     // which no folder's name has

    /// <summary>How pictures are read.</summary>
    public static ImageFolderOptions FormOf(int side, bool strict = false) =>
        new() { Width = side, Height = side, Fit = PictureFit.CropCentre, OnBroken = strict ? OnBrokenFile.Refuse : OnBrokenFile.Skip };

    /// <summary>Writes the network, and beside it the statistics of its training pictures.</summary>
    public void Save(RunFolder folder)
    {
        Safetensors.Save(folder.ModelPath, Network.StateDictionary(), new Dictionary<string, string>
        {
            ["classes"] = string.Join(Separator, Classes),
            ["side"] = Form.Width.ToString(CultureInfo.InvariantCulture),
            ["width"] = Width.ToString(CultureInfo.InvariantCulture),
        });
        Normalize.Save(folder["normalize.json"]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="IOException">There is no such model.</exception>
    public static PictureModel Load(RunFolder folder)
    {
        if (!File.Exists(folder.ModelPath)) throw new FileNotFoundException($"There is no {Path.GetFullPath(folder.ModelPath)}. Train a network first: the same command without --predict.");
        using SafetensorsFile file = SafetensorsFile.Open(folder.ModelPath);
        string[] classes = Text(file, "classes").Split(Separator);
        (int side, int width) = (Number(file, "side"), Number(file, "width"));
        Normalize normalize = Normalize.Load(folder["normalize.json"]);
        Sequential network = PictureNetwork.Create(classes.Length, width, seed: 0);
        using (new TensorScope()) network.LoadState(Safetensors.Load(folder.ModelPath));
        return new(network, classes, width, FormOf(side), normalize);
    }

    /// <summary>The probability of each class for one picture.</summary>
    public float[] Predict(string path)
    {
        using TensorScope scope = new();
        Network.Eval();
        return Network.Forward(Form.ReadInput(path, Normalize)).Softmax(1).ToArray<float>();
    }

    public void Dispose() => Network.Dispose();

    private static string Text(SafetensorsFile file, string key) => file.Metadata.TryGetValue(key, out string? text) ? text
        : throw new InvalidDataException($"{file.Path}: expected a network of the command pictures, found none: it does not say its '{key}'. Choose the folder of a training with --out.");

    private static int Number(SafetensorsFile file, string key) => int.TryParse(Text(file, key), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
        : throw new InvalidDataException($"{file.Path}: expected a positive number as '{key}', found '{Text(file, key)}'.");
}
