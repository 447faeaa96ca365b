using System.Text.Json;
using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>All that is known of a training at one moment, as data: <see cref="HtmlReport"/> gathers it, <see cref="ToHtml"/> shows it.</summary>
public sealed record TrainingReport
{
    /// <summary>What is trained.</summary>
    public required string Title { get; init; }

    /// <summary>How it stands.</summary>
    public required ReportStatus Status { get; init; }

    /// <summary>When this was written.</summary>
    public required DateTimeOffset Written { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required long Step { get; init; }

    /// <summary>Optimizer steps in all, if nothing ends the training earlier.</summary>
    public required long Steps { get; init; }

    /// <summary>Epochs asked for.</summary>
    public required long Epochs { get; init; }

    /// <summary>What the values of <see cref="History"/> are; the loss is the first.</summary>
    public IReadOnlyList<ReportMetric> Metrics { get; init; } = [];

    /// <summary>The completed epochs.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>The batch's loss by step.</summary>
    public required StepCurve Loss { get; init; }

    /// <summary>The learning rate by step.</summary>
    public required StepCurve LearningRate { get; init; }

    /// <summary>The norm of all gradients by step, after clipping.</summary>
    public required StepCurve GradientNorm { get; init; }

    /// <summary>By step, how far an update moved a weight, relative to the weight: ‖Δw‖ / ‖w‖.</summary>
    public IReadOnlyList<StepCurve> UpdateRatios { get; init; } = [];

    /// <summary>The classes' names; empty where they are numbers.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>The model after the last complete epoch.</summary>
    public EpochView? View { get; init; }

    /// <summary>What the network looks at, at the end of a training whose report asks for it (<see cref="HtmlReport.Saliency"/>).</summary>
    public IReadOnlyList<SaliencyView> Saliency { get; init; } = [];

    /// <summary>What the model is made of.</summary>
    public IReadOnlyList<LayerSummary> Layers { get; init; } = [];

    /// <summary>Hyper-parameters, command line, environment.</summary>
    public IReadOnlyList<ReportFacts> Facts { get; init; } = [];

    /// <summary>A page that needs no other file and no network.</summary>
    /// <param name="script">Where a server that shows the page has a script for it, such as one that refreshes it; null: the page has none.</param>
    public string ToHtml(string? script = null) => new ReportPage(this, script).ToString();

    /// <summary>The same as JSON, in snake case; NaN and infinities are texts.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.TrainingReport);
}
