using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Training;

namespace Gradwright.Examples.Inspection;

/// <summary>Digits beside the maps that all methods make of them.</summary>
internal sealed class SaliencySheet
{
    private const double Saturated = 0.01;

    private readonly List<string> _methods = ["input"];
    private readonly List<Picture[]> _columns = [];
    private readonly string[] _captions;

    /// <param name="network">The network.</param>
    /// <param name="x">Digits [n, 1, 28, 28].</param>
    /// <param name="labels">What they are.</param>
    /// <param name="seed">Of SmoothGrad's noise.</param>
    public SaliencySheet(Sequential network, Tensor x, long[] labels, ulong seed)
    {
        network.Eval();
        long[] read = network.Forward(x).ArgMax(1).ToArray<long>();
        _captions = [.. labels.Select((label, i) => $"{label}\nread as {read[i]}")];
        Picture[] digits = [.. labels.Select((_, i) => HeatMap.Draw(x[i, 0], ColourMap.Gray))];
        _columns.Add(digits);
        Add("gradient", Saliency.Gradient(network, x));
        Add("SmoothGrad", Saliency.SmoothGrad(network, x, new Generator(seed)));
        Add("guided", Saliency.GuidedBackpropagation(network, x));
        Add("input × gradient", Saliency.InputTimesGradient(network, x).Squeeze(1), ColourMap.Diverging);
        Add("integrated", Saliency.IntegratedGradients(network, x).Squeeze(1), ColourMap.Diverging);
        Add("occlusion", Saliency.Occlusion(network, x, value: x.Min().ToDouble()), ColourMap.Diverging);
        Tensor seen = Saliency.GradCam(network, x);
        _methods.Add("Grad-CAM");
        _columns.Add([.. digits.Select((digit, i) => HeatMap.Overlay(digit, seen[i]))]);
    }

    /// <summary>With captions.</summary>
    public PictureSheet ToSheet()
    {
        PictureSheet sheet = new("What the network looks at", _methods);
        for (int i = 0; i < _captions.Length; i++) sheet.Add(_captions[i], [.. _columns.Select(column => column[i])]);
        return sheet;
    }

    /// <summary>Without.</summary>
    public Picture ToPicture() => ImageGrid.TilePictures([.. _captions.SelectMany((_, i) => _columns.Select(column => column[i]))], _columns.Count);

    private void Add(string method, Tensor maps, ColourMap? colours = null)
    {
        _methods.Add(method);
        _columns.Add([.. _captions.Select((_, i) => HeatMap.Draw(maps[i], colours, Saturated))]);
    }
}
