using System.Diagnostics;
using Gradwright.Data;
using Gradwright.Examples.Digits;
using Gradwright.Layers;
using Gradwright.Training;

namespace Gradwright.Examples.Inspection;

/// <summary>Trains a small network on synthetic digits and writes pictures of what it looks at, what it would like to see and how it decides.</summary>
internal sealed class InspectRun(InspectOptions options, TextWriter output)
{
    private const int UnitsShown = 16, PlaneSamples = 400, Shown = 6;
    private const string UnitLayer = "3";       // the second convolution

    private readonly RunFolder _folder = new(options.Out, output);

    /// <summary>Does everything.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        _folder.RequireWritable();
        long start = Stopwatch.GetTimestamp();
        DigitImages images = DigitImages.Draw(options.Images);
        (float[] mean, float[] deviation) = images.Train.Statistics();
        ImageDataset train = new(images.Train, mean, deviation), test = new(images.Test, mean, deviation);
        QuickTraining training = new(options, output);
        using Sequential network = DigitNetwork.Create(options.Seed), linear = new(new Flatten(), new Linear(DigitNetwork.Side * DigitNetwork.Side, DigitNetwork.Classes) { WeightInit = Init.Zeros });
        linear.Initialize(new Generator(options.Seed));
        double right = training.Run(network, train, test, options.Epochs, 3e-3, _folder["report.html"]), linearRight = training.Run(linear, train, test, options.Epochs, 1e-3);
        output.WriteLine($"Trained in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s: {100 * right:0.0} % of the test images are read rightly, {100 * linearRight:0.0} % by a linear classifier.");

        using TensorScope scope = new();
        (Tensor x, long[] labels) = First(test, Math.Min(PlaneSamples, images.Test.Count));
        output.WriteLine("Written:");
        WriteMaps(network, x, labels);
        Write("classes.png", "what would have each digit's highest score", Magnified(ActivationMaximization.OfClasses(network, [1, 28, 28], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], new() { Seed = options.Seed }), 5, 4));
        long[] units = [.. Enumerable.Range(0, UnitsShown).Select(i => (long)i)];
        Write("units.png", "what channels of the second convolution look for", Magnified(ActivationMaximization.OfUnits(network, UnitLayer, [1, 28, 28], units, new() { Seed = options.Seed }), 8, 3));
        Write("templates.png", "the linear classifier's weights: red speaks for the digit, blue against it", ClassTemplates.Draw(((Linear)linear[1]).Weight, [1, 28, 28], columns: 5));
        WriteMap("plane.svg", "how the network divides the plane in which the digits vary most",
            DecisionMap.Of(network, DecisionPlane.OfPrincipalComponents(x), x, labels, resolution: 115, title: "Digits on the plane of two principal components"));
        WriteMap("spirals.svg", "how a network with two inputs tells spirals apart", new Spirals(options.Seed).Learn());
        output.WriteLine($"  {_folder["report.html"]}   everything about the training, with what the network looks at");
        output.WriteLine($"Done in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s.");
        return 0;
    }

    private static (Tensor Inputs, long[] Labels) First(ImageDataset data, int count)
    {
        using DataLoader loader = new(data, count);
        Batch batch = loader.First();
        return (batch.Input.Copy(), batch.Target.ToArray<long>());
    }

    // The first images of different digits, by every method, once with captions and once as pixels.
    private void WriteMaps(Sequential network, Tensor x, long[] labels)
    {
        int[] chosen = [.. Enumerable.Range(0, labels.Length).DistinctBy(i => labels[i]).Take(Shown)];
        SaliencySheet sheet = new(network, Tensor.Stack([.. chosen.Select(i => x[i])]), [.. chosen.Select(i => labels[i])], options.Seed);
        sheet.ToSheet().Save(_folder["saliency.svg"]);
        Say("saliency.svg", "what the network looks at, by every method");
        Write("saliency.png", "the same without captions", sheet.ToPicture());
    }

    private static Picture Magnified(Tensor images, int columns, int scale) => ImageGrid.TileFilters(images, columns, scale);

    private void Write(string name, string what, Picture picture)
    {
        PngFile.Write(_folder[name], picture);
        Say(name, what);
    }

    private void WriteMap(string name, string what, DecisionMap map)
    {
        map.Save(_folder[name]);
        Say(name, what);
    }

    private void Say(string name, string what) => output.WriteLine($"  {_folder[name]}   {what}");
}
