using Google.Protobuf;
using Gradwright.TensorBoard;

namespace Gradwright;

/// <summary>
/// Writes event files, which TensorBoard shows (<c>tensorboard --logdir FOLDER</c>): numbers as curves, histograms, pictures and texts, each under a tag at a step, and a
/// model's graph.
/// What stands before the first slash of a tag is the group in which it is shown.
/// </summary>
/// <example><code>
/// using TensorBoardWriter board = new("runs/first");
/// board.AddScalar("loss/training", 0.5, step: 100);
/// board.AddHistogram("weights/first layer", layer.Weight, step: 100);
/// </code></example>
public sealed class TensorBoardWriter : IDisposable
{
    private const string Version = "brain.Event:2", TextPlugin = "text";
    private const int TextType = 7;     // DT_STRING

    private readonly Stream _stream;
    private readonly TimeProvider _time;

    /// <summary>Starts a new file in a folder, which is made where it is missing. TensorBoard shows all files of a folder as one run.</summary>
    public TensorBoardWriter(string folder) : this(Create(folder)) { }

    /// <summary>Writes to a stream: from its beginning, or behind the records that are there.</summary>
    /// <param name="stream">Is closed with this writer.</param>
    /// <param name="time">What to take each record's time from; null: the system's clock.</param>
    public TensorBoardWriter(Stream stream, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (_stream, _time) = (stream, time ?? TimeProvider.System);
        if (stream.Position == 0) Write(new() { FileVersion = Version });
    }

    /// <summary>A point of a curve; rounded to single precision, which is the format's.</summary>
    public void AddScalar(string tag, double value, long step) => Write(new() { Tag = tag, SimpleValue = (float)value }, step);

    /// <summary>How the elements of a tensor are spread, in 64 buckets; NaN and infinities are left out, and a tensor that holds nothing else is not written.</summary>
    public void AddHistogram(string tag, Tensor values, long step)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (EventHistogram.Of(values) is { } histogram) Write(new() { Tag = tag, Histo = histogram }, step);
    }

    /// <summary>A picture. In Gradwright.Training there is one that takes a <c>Picture</c>.</summary>
    /// <param name="tag">What it is.</param>
    /// <param name="png">A whole PNG file.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="channels">1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.</param>
    /// <param name="step">When.</param>
    public void AddImage(string tag, ReadOnlySpan<byte> png, int width, int height, int channels, long step)
        => Write(new() { Tag = tag, Image = new() { Width = width, Height = height, Colorspace = channels, EncodedImageString = ByteString.CopyFrom(png) } }, step);

    /// <summary>A text, shown as Markdown.</summary>
    public void AddText(string tag, string text, long step)
    {
        TensorProto tensor = new() { Dtype = TextType, TensorShape = new() };
        tensor.StringVal.Add(ByteString.CopyFromUtf8(text));
        Write(new() { Tag = tag, Tensor = tensor, Metadata = new() { PluginData = new() { PluginName = TextPlugin } } }, step);
    }

    /// <summary>What a model computes: TensorBoard draws it, with a box for each group of names. A file has one.</summary>
    /// <exception cref="ArgumentException">Two nodes have the same name, or one takes what is no node.</exception>
    public void AddGraph(IReadOnlyList<EventGraphNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        Write(new Event { GraphDef = EventGraph.Of(nodes).ToByteString() });
    }

    /// <summary>Hands everything to the operating system; TensorBoard sees it then.</summary>
    public void Flush() => _stream.Flush();

    public void Dispose() => _stream.Dispose();

    private void Write(SummaryValue value, long step)
    {
        Summary summary = new();
        summary.Value.Add(value);
        Write(new Event { Step = step, Summary = summary });
    }

    private void Write(Event record)
    {
        record.WallTime = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        EventRecord.Write(_stream, record.ToByteArray());
    }

    // TensorBoard takes files whose name contains "tfevents" and reads them in the order of their names.
    private static FileStream Create(string folder)
    {
        Directory.CreateDirectory(folder);
        string name = $"events.out.tfevents.{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds():D10}.{Guid.NewGuid():N}";
        return new(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    }
}
