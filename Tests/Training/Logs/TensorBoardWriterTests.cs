using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;
using Message = Gradwright.Tests.Training.EventFileReader.Message;

namespace Gradwright.Tests.Training;

/// <summary>Event files, read back by <see cref="EventFileReader"/>. Numbers of fields are those of TensorFlow's event.proto and summary.proto.</summary>
[InTensorScope]
public sealed class TensorBoardWriterTests
{
    [Test]
    public void The_readers_checksum_is_the_published_one() => Assert.That(EventFileReader.Crc32C("123456789"u8), Is.EqualTo(0xE3069283));

    [Test]
    public void The_first_record_names_the_version_and_all_have_their_time()
    {
        List<Message> records = Written(board => board.AddScalar("a", 0, 0));
        Assert.That(records, Has.Count.EqualTo(2));
        Assert.That(records[0].Text(3), Is.EqualTo("brain.Event:2"));
        Assert.That(records.Select(record => record.Double(1)), Is.All.EqualTo(1_000_000_000.25));
    }

    [TestCase(0.0, 0L), TestCase(-1.5, 7L), TestCase(1e-3, 3_000_000_000L), TestCase(double.NaN, 1L)]
    public void A_scalar_has_tag_value_and_step(double value, long step)
    {
        Message record = Written(board => board.AddScalar("loss/training", value, step))[1], entry = Value(record);
        Assert.That(record.Integer(2), Is.EqualTo(step));
        Assert.That(entry.Text(1), Is.EqualTo("loss/training"));
        Assert.That(entry.Single(2), Is.EqualTo((float)value));
    }

    [Test]
    public void A_histogram_counts_every_finite_number_once()
    {
        float[] values = [-2, -1, 0, 0, 1, 3, float.NaN, float.PositiveInfinity];
        Message histogram = Value(Written(board => board.AddHistogram("h", Tensor.From(values), 5))[1]).Inner(5);
        Assert.That((histogram.Double(1), histogram.Double(2), histogram.Double(3), histogram.Double(4), histogram.Double(5)), Is.EqualTo((-2.0, 3.0, 6.0, 1.0, 15.0)), "min, max, count, sum, squares");
        (double[] limits, double[] buckets) = (histogram.Doubles(6), histogram.Doubles(7));
        Assert.That((limits.Length, limits[^1], buckets.Sum()), Is.EqualTo((64, 3.0, 6.0)));
        Assert.That(limits, Is.Ordered);
        for (int i = 0; i < buckets.Length; i++)
        {
            double from = i == 0 ? double.NegativeInfinity : limits[i - 1];
            Assert.That(buckets[i], Is.EqualTo(values.Count(v => float.IsFinite(v) && v >= from && (v < limits[i] || (i == 63 && v == 3)))), $"bucket {i}");
        }
    }

    [Test]
    public void A_histogram_of_equal_numbers_is_one_bucket_and_of_none_is_not_written()
    {
        List<Message> records = Written(board =>
        {
            board.AddHistogram("equal", Tensor.Full([9], 4, DType.Float64), 1);
            board.AddHistogram("none", Tensor.From(float.NaN), 2);
            board.AddHistogram("half", Tensor.Ones([2], DType.BFloat16), 3);
        });
        Assert.That(records.Skip(1).Select(record => Value(record).Text(1)), Is.EqualTo(new[] { "equal", "half" }));
        Message histogram = Value(records[1]).Inner(5);
        Assert.That((histogram.Doubles(6), histogram.Doubles(7)), Is.EqualTo((new[] { 4.0 }, new[] { 9.0 })));
    }

    [Test]
    public void A_picture_is_a_PNG_file_with_its_size()
    {
        Picture picture = new(3, 2, 3, [.. Enumerable.Range(0, 18).Select(i => (byte)(10 * i))]);
        Message image = Value(Written(board => board.AddImage("p", picture, 1))[1]).Inner(4);
        Assert.That((image.Integer(1), image.Integer(2), image.Integer(3)), Is.EqualTo((2, 3, 3)), "height, width, channels");
        Assert.That(PngFile.Read(image.Bytes(4), "event").Pixels, Is.EqualTo(picture.Pixels));
    }

    [Test]
    public void A_text_is_a_tensor_for_the_text_plugin()
    {
        Message entry = Value(Written(board => board.AddText("note", "größer", 2))[1]), tensor = entry.Inner(8);
        Assert.That(entry.Inner(9).Inner(1).Text(1), Is.EqualTo("text"));
        Assert.That((tensor.Integer(1), tensor.Text(8), tensor.Bytes(2)), Is.EqualTo((7, "größer", Array.Empty<byte>())), "of type string, without dimensions");
    }

    [Test]
    public void A_graph_has_ops_in_their_modules_with_operands_and_shapes()
    {
        using Sequential model = new(new Linear(3, 4), new ReLU(), new Residual(new Linear(4, 4)));
        Message graph = Written(board => board.AddGraph(model, Tensor.Zeros([1, 3])))[1].Inner(4);
        Dictionary<string, Message> nodes = graph.All(1).ToDictionary(node => node.Text(1));
        Assert.That(nodes.Keys, Is.SupersetOf(new[] { "input", "0_Linear/weight", "0_Linear/bias", "2_Residual/body_Linear/weight" }), string.Join(' ', nodes.Keys));
        Assert.That(nodes.Values.SelectMany(node => node.Texts(3)).Distinct(), Is.SubsetOf(nodes.Keys), "operands are nodes");
        Message product = nodes.Values.Single(node => node.Texts(3) is ["input", ..]), last = nodes.Values.Last();
        Assert.That((product.Text(2), Sizes(product)), Is.EqualTo(("MatMul", new long[] { 1, 4 })));
        Assert.That(product.Texts(3), Does.Contain("0_Linear/bias"));
        Assert.That(nodes.Keys.Last(), Does.StartWith("2_Residual/"));
        Assert.That(last.Texts(3), Has.Some.StartsWith("1_ReLU/").And.Some.StartsWith("2_Residual/body_Linear/"), "the way around and the way through");
        Assert.That(model.IsTraining, "the model is as it was");

        static long[] Sizes(Message node)
            => [.. node.All(5).Single(attribute => attribute.Text(1) == "_output_shapes").Inner(2).Inner(1).Inner(7).All(2).Select(length => length.Integer(1))];
    }

    [Test]
    public void A_graph_whose_edges_end_nowhere_or_whose_names_are_equal_is_refused()
    {
        EventGraphNode a = new("a b", "Add", [], [2]);
        Assert.That(() => Written(board => board.AddGraph([a, a with { Name = "a_b" }])), Throws.ArgumentException.With.Message.Contains("two nodes are called 'a_b'"));
        Assert.That(() => Written(board => board.AddGraph([a with { Inputs = ["c"] }])), Throws.ArgumentException.With.Message.Contains("takes 'c'"));
    }

    [Test]
    public void A_writer_of_a_folder_makes_a_file_that_TensorBoard_looks_for()
    {
        using TemporaryFolder folder = new();
        using (TensorBoardWriter board = new(folder["run"])) board.AddScalar("a", 1, 2);
        string file = Directory.GetFiles(folder["run"]).Single();
        Assert.That(Path.GetFileName(file), Does.StartWith("events.out.tfevents."));
        Assert.That(EventFileReader.Read(File.ReadAllBytes(file)), Has.Count.EqualTo(2));
    }

    [Test]
    public void The_reader_refuses_a_changed_byte()
    {
        byte[] file = Bytes(board => board.AddScalar("a", 1, 2));
        file[^6] ^= 1;
        Assert.That(() => EventFileReader.Read(file), Throws.TypeOf<InvalidDataException>());
    }

    private static Message Value(Message record) => record.Inner(5).Inner(1);

    private static List<Message> Written(Action<TensorBoardWriter> write) => EventFileReader.Read(Bytes(write));

    private static byte[] Bytes(Action<TensorBoardWriter> write)
    {
        MemoryStream stream = new();
        using (TensorBoardWriter board = new(stream, new StoppedClock())) write(board);
        return stream.ToArray();
    }
}
