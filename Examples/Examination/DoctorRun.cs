using System.Diagnostics;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;
using Spectre.Console;

namespace Gradwright.Examples.Examination;

/// <summary>Lets the doctor examine a small convolutional network on synthetic digits, with or without a planted fault.</summary>
internal sealed class DoctorRun(TextWriter output)
{
    private const int Images = 512, Batch = 32, Classes = 10, HarmfulExitCode = 1;
    private const double Rate = 2e-3;

    /// <param name="fault">What to plant.</param>
    /// <param name="seed">Of the images, the initial values and the examination.</param>
    /// <returns>The exit code: 1 when something is wrong.</returns>
    public int Run(PlantedFault fault, ulong seed)
    {
        long start = Stopwatch.GetTimestamp();
        using DataLoader data = new(Digits(fault, seed), Batch, shuffleSeed: seed);
        using Sequential network = Network(fault, seed);
        using Adam optimizer = new(network.Parameters(), fault switch { PlantedFault.RateTooHigh => 100 * Rate, PlantedFault.RateTooLow => Rate / 1000, _ => Rate });
        Diagnosis diagnosis = Doctor.Examine(network, (y, t) => Loss.CrossEntropy(y, t), data, new() { Optimizer = optimizer, Seed = seed });
        if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected) Show(diagnosis);
        else output.WriteLine(diagnosis);
        output.WriteLine($"Examined {Images} images in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s.");
        return diagnosis.IsHealthy ? 0 : HarmfulExitCode;
    }

    private static ImageDataset Digits(PlantedFault fault, ulong seed)
    {
        LabeledImages images = SyntheticDigits.Generate(Images, seed);
        if (fault == PlantedFault.ShuffledLabels)
        {
            byte[] labels = images.Labels.ToArray();
            new Generator(seed).Shuffle(labels.AsSpan());
            images = new(images.Pixels, labels, images.Channels, images.Height, images.Width, images.Classes);
        }

        (float[] mean, float[] deviation) = images.Statistics();
        return fault == PlantedFault.RawPixels ? new(images, [0], [1f / 255]) : new(images, mean, deviation);
    }

    private static Sequential Network(PlantedFault fault, ulong seed)
    {
        bool dead = fault == PlantedFault.DeadLayer;
        Sequential network = new(
        [
            new Conv2D(1, 8, 5), new ReLU(), new MaxPool2D(2),                          // [n, 8, 12, 12]
            fault == PlantedFault.WrongGradient ? new CarelessTanh() : new Identity(),
            new Conv2D(8, 16, 5), new ReLU(), new MaxPool2D(2), new Flatten(),          // [n, 256]
            new Linear(256, 64) { BiasInit = dead ? Init.Constant(-100) : Init.Zeros }, new ReLU(), new Dropout(0.1),
            new Linear(64, Classes),
            .. fault == PlantedFault.SoftmaxTwice ? [new Softmax()] : Array.Empty<Module<Tensor, Tensor>>(),
        ]);
        network.Initialize(new Generator(seed));
        if (fault != PlantedFault.ZeroInitialisation) return network;
        foreach (Tensor parameter in network.Parameters()) parameter.FillInPlace(0);
        return network;
    }

    private static void Show(Diagnosis diagnosis)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{diagnosis.Subject}[/]: {(diagnosis.IsHealthy ? "nothing wrong was found." : "")}");
        foreach (Finding finding in diagnosis.Findings)
        {
            string colour = finding.Severity switch { FindingSeverity.Fault => "red", FindingSeverity.Warning => "yellow", _ => "blue" };
            Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn();
            grid.AddRow("seen", Markup.Escape(finding.Observation));
            if (finding.Evidence.Count > 0) grid.AddRow("evidence", Markup.Escape(string.Join(", ", finding.Evidence)));
            grid.AddRow("advice", Markup.Escape(finding.Advice));
            AnsiConsole.Write(new Panel(grid) { Header = new($"[{colour} bold]{finding.Severity}: {Markup.Escape(finding.Title)}[/] ({Markup.Escape(finding.Where)})"), Expand = true });
        }

        AnsiConsole.MarkupLineInterpolated($"[grey]Measured: {string.Join(", ", diagnosis.Measurements)}[/]");
        foreach (string skipped in diagnosis.Skipped) AnsiConsole.MarkupLineInterpolated($"[grey]Skipped: {skipped}[/]");
    }

    /// <summary>tanh whose derivative lacks a square.</summary>
    private sealed class CarelessTanh : Module<Tensor, Tensor>
    {
        protected override Tensor ForwardCore(Tensor x) => new Function().Apply(x);
        public override string ToString() => "CarelessTanh()";

        private sealed class Function : CustomFunction
        {
            protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => c.Save(x[0].Tanh());
            protected override Tensor?[] Backward(Context c, Tensor g) => [g * (1 - c.Saved(0))];
        }
    }
}
