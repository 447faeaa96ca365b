using Gradwright.Checking;
using Gradwright.Layers;
using Gradwright.Models;
using NUnit.Framework;

namespace Gradwright.Tests;

[InTensorScope]
public sealed class TextModelTests
{
    private static Tensor Text(long n, long t, long vocabulary) => Tensor.RandomIntegers([n, t], new Generator(4), 0, vocabulary);

    [Test]
    public void CharLstm_has_the_parameters_of_its_parts()
    {
        using CharLstm model = new(65);
        long lstm = 4 * 256 * (64 + 256 + 2) + 4 * 256 * (256 + 256 + 2);
        Assert.That(model.Parameters().Sum(p => p.Count), Is.EqualTo(65 * 64 + lstm + (256 + 1) * 65));
    }

    [Test]
    public void TextTransformer_has_the_parameters_of_its_parts()
    {
        using TextTransformer model = new(65, 64);
        long layer = 4 * 128 * (128 + 1) + 512 * (128 + 1) + 128 * (512 + 1) + 4 * 128;
        Assert.That(model.Parameters().Sum(p => p.Count), Is.EqualTo(65 * 128 + 64 * 128 + 3 * layer + 65 * (128 + 1)));
    }

    private static IEnumerable<TestCaseData> Both() =>
    [
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new CharLstm(11, 6, 8))).SetArgDisplayNames("CharLstm"),
        new TestCaseData((Func<Module<Tensor, Tensor>>)(() => new TextTransformer(11, 9, 8, 2, 16, 2, causal: true))).SetArgDisplayNames("TextTransformer"),
    ];

    [TestCaseSource(nameof(Both))]
    public void A_text_gives_scores_for_each_position_and_trains_every_parameter(Func<Module<Tensor, Tensor>> make)
    {
        using Module<Tensor, Tensor> model = make();
        Tensor x = Text(3, 7, 11);
        using Tape tape = new();
        Tensor scores = model.Forward(x);
        Assert.That(scores.Shape, Is.EqualTo(Shape.Create(3, 7, 11)));
        tape.Backward(Loss.CrossEntropy(scores.Reshape(-1, 11), x.Reshape(-1)));
        foreach ((string name, Tensor parameter) in model.NamedParameters())
            Assert.That(HostValues.Of(parameter.Grad!).Any(v => v != 0), name);
    }

    [TestCaseSource(nameof(Both))]
    public void What_comes_later_does_not_change_a_score(Func<Module<Tensor, Tensor>> make)
    {
        using Module<Tensor, Tensor> model = make();
        model.Eval();
        Tensor x = Text(2, 7, 11), y = x.Copy();
        y.Slice(1, 5, 2).FillInPlace(3);
        double[] a = HostValues.Of(model.Forward(x).Slice(1, 0, 5)), b = HostValues.Of(model.Forward(y).Slice(1, 0, 5));
        Values.AssertClose(b, a, 1e-6, "scores of the first five positions");
    }

    [Test]
    public void A_text_can_be_read_in_pieces()
    {
        using CharLstm model = new(11, 6, 8);
        Tensor x = Text(2, 7, 11);
        (Tensor first, LstmState state) = model.Continue(x.Slice(1, 0, 4), null);
        (Tensor second, _) = model.Continue(x.Slice(1, 4, 3), state);
        Values.AssertClose(HostValues.Of(Tensor.Concat([first, second], 1)), HostValues.Of(model.Forward(x)), 1e-6, "scores");
    }

    [Test]
    public void A_text_that_is_too_long_is_refused_with_the_place_in_the_model()
    {
        using TextTransformer model = new(11, 5, 8, 2, 16, 1);
        Assert.That(() => model.Forward(Text(1, 6, 11)), Throws.TypeOf<ShapeException>().With.Message.Contain("6 positions").And.Message.Contain("TextTransformer/positions"));
    }
}
