using NUnit.Framework;

namespace Gradwright.Tests.Analyzers;

/// <summary>For each rule code that it must find, and code that it must leave alone.</summary>
public sealed class AnalyzerTests
{
    private const string Backward = "using (var tape = new Tape()) tape.Backward(Loss.MeanSquaredError(model.Forward(x), y));";

    [TestCase("Loss.CrossEntropy(x.Softmax(), y);", "x.Softmax()")]
    [TestCase("Loss.CrossEntropy(targets: y, logits: (x * 2).Softmax(1));", "(x * 2).Softmax(1)")]
    [TestCase("x.Softmax().CrossEntropy(y);", "x.Softmax()")]
    [TestCase("x.Softmax().SoftCrossEntropy(y);", "x.Softmax()")]
    [TestCase("Tensor p = x.Softmax(); Console.WriteLine(p); Loss.CrossEntropy(p, y);", "p")]
    [TestCase("Func<Tensor, Tensor, Tensor> loss = (s, t) => Loss.CrossEntropy(s.Softmax(), t);", "s.Softmax()")]
    [TestCase("using var model = new Sequential(new Linear(2, 3), new Softmax()); Loss.CrossEntropy(model.Forward(x), y);", "model.Forward(x)")]
    [TestCase("using Sequential model = new([new Linear(2, 3), new Softmax()]); Tensor s = model.Forward(x); Loss.CrossEntropy(s, y);", "s")]
    [TestCase("using var model = new Sequential(new Linear(2, 3), new Softmax()); new Trainer(model, (s, t) => Loss.CrossEntropy(s, t), optimizer, data).Fit(1);", "s")]
    public void A_softmax_in_front_of_a_cross_entropy_is_found(string code, string where) => Assert.That(Snippet.Find(code), Is.EqualTo(new[] { $"GW0001: {where}" }));

    [TestCase("Loss.CrossEntropy(x, y.Softmax());")]
    [TestCase("Loss.CrossEntropy(x.LogSoftmax(), y);")]
    [TestCase("Tensor p = x.Softmax(); p = x; Loss.CrossEntropy(p, y);")]
    [TestCase("Loss.NegativeLogLikelihood(x.Softmax().Log(), y);")]
    [TestCase("using var model = new Sequential(new Softmax(), new Linear(2, 3)); Loss.CrossEntropy(model.Forward(x), y);")]
    [TestCase("using var model = new Sequential(new Linear(2, 3), new Softmax()); new Trainer(model, (s, t) => Loss.MeanSquaredError(s, t), optimizer, data).Fit(1);")]
    [TestCase("Other.CrossEntropy(Other.Softmax(x), y);")]
    public void Scores_and_other_losses_are_left_alone(string code)
        => Assert.That(Snippet.Find(code, "static class Other { public static Tensor Softmax(Tensor a) => a; public static Tensor CrossEntropy(Tensor a, Tensor b) => a; }"), Is.Empty);

    [TestCase("for (int i = 0; i < 9; i++) { BACKWARD optimizer.Step(); }", "optimizer.Step()")]
    [TestCase("foreach (var batch in data) { BACKWARD if (x.Rank > 1) optimizer.Step(); }", "optimizer.Step()")]
    [TestCase("while (true) { for (int i = 0; i < 4; i++) { BACKWARD } optimizer.Step(); }", "optimizer.Step()")]
    [TestCase("var adam = new Adam(model.Parameters()); while (true) { BACKWARD adam.Step(); Log(); }", "adam.Step()")]
    public void Gradients_that_are_never_zeroed_are_found(string code, string where) => Assert.That(Trained(code), Is.EqualTo(new[] { $"GW0002: {where}" }));

    [TestCase("for (int i = 0; i < 9; i++) { BACKWARD optimizer.Step(); optimizer.ZeroGrad(); }")]
    [TestCase("for (int i = 0; i < 9; i++) { model.ZeroGrad(); BACKWARD optimizer.Step(); }")]
    [TestCase("for (int i = 0; i < 9; i++) { BACKWARD optimizer.Step(); Forget(model); }")]
    [TestCase("for (int i = 0; i < 9; i++) { BACKWARD optimizer.Step(); ForgetAll(model); }")]
    [TestCase("for (int i = 0; i < 9; i++) { Give(model, x); BACKWARD optimizer.Step(); }")]
    [TestCase("BACKWARD optimizer.Step();")]
    [TestCase("for (int i = 0; i < 9; i++) { using var one = new Adam(model.Parameters()); BACKWARD one.Step(); }")]
    [TestCase("for (int i = 0; i < 9; i++) optimizer.Step();")]
    public void Loops_that_zero_or_do_not_add_are_left_alone(string code) => Assert.That(Trained(code), Is.Empty);

    [TestCase("new Linear(2, 2), new Dropout()", "foreach (var b in data) { using var scope = new TensorScope(); model.Forward(b.Input); }", "model.Forward(b.Input)")]
    [TestCase("new Sequential(new Linear(2, 2), new BatchNorm1D(2))", "using (Tape.NoRecord()) model.Forward(x);", "model.Forward(x)")]
    [TestCase("new ResNet18()", "model.Forward(x);", "model.Forward(x)")]
    [TestCase("new Block()", "model.Forward(x);", "model.Forward(x)")]
    public void Evaluation_in_training_mode_is_found(string layers, string evaluation, string where)
    {
        const string Block = "sealed class Block : Module<Tensor, Tensor> { private readonly Dropout _drop = new(); protected override Tensor ForwardCore(Tensor x) => _drop.Forward(x); }";
        string loop = "for (int i = 0; i < 3; i++) { " + Backward + " optimizer.Step(); optimizer.ZeroGrad(); }";
        string model = $"using var model = new Sequential({layers});";
        Assert.That(Snippet.Find($"{model} {loop} {evaluation}", Block), Is.EqualTo(new[] { $"GW0003: {where}" }), "after a loop");
        Assert.That(Snippet.Find($"{model} new Trainer(model, (s, t) => Loss.CrossEntropy(s, t), optimizer, data).Fit(1); {evaluation}", Block), Is.EqualTo(new[] { $"GW0003: {where}" }), "after a trainer");
        Assert.That(Snippet.Find($"{model} {loop} model.Eval(); {evaluation}", Block), Is.Empty);
        Assert.That(Snippet.Find($"{model} {evaluation} {loop}", Block), Is.Empty, "before the training");
        Assert.That(Snippet.Find($"{model} {loop} Set(model); {evaluation}", Block + " static void Set(Sequential m) => m.Eval();"), Is.Empty, "somebody else sets the mode");
    }

    [TestCase("new Linear(2, 2), new ReLU()")]
    [TestCase("new Mlp(2, 4, 2)")]
    [TestCase("new LayerNorm(2)")]
    public void Models_that_have_no_mode_are_left_alone(string layers)
        => Assert.That(Snippet.Find($"using var model = new Sequential({layers}); for (int i = 0; i < 3; i++) {{ {Backward} optimizer.Step(); optimizer.ZeroGrad(); }} model.Forward(x);"), Is.Empty);

    [TestCase("double sum = 0; for (int i = 0; i < 9; i++) { BACKWARD sum += x.Sum().ToDouble(); optimizer.Step(); optimizer.ZeroGrad(); }", "x.Sum().ToDouble()")]
    [TestCase("double sum = 0; foreach (var b in data) { BACKWARD optimizer.Step(); sum += (float)x.Sum(); optimizer.ZeroGrad(); }", "(float)x.Sum()")]
    public void A_number_that_is_read_in_each_step_is_found(string code, string where) => Assert.That(Trained(code), Is.EqualTo(new[] { $"GW0004: {where}" }));

    [TestCase("for (int i = 0; i < 9; i++) { BACKWARD if (i % 100 == 0) Console.WriteLine(x.Sum().ToDouble()); optimizer.Step(); optimizer.ZeroGrad(); }")]
    [TestCase("for (int i = 0; i < 9; i++) { BACKWARD optimizer.Step(); optimizer.ZeroGrad(); } Console.WriteLine(x.Sum().ToDouble());")]
    [TestCase("for (int e = 0; e < 9; e++) { for (int i = 0; i < 9; i++) { BACKWARD optimizer.Step(); optimizer.ZeroGrad(); } }")]
    [TestCase("foreach (var b in data) Console.WriteLine(b.Input.Sum().ToDouble());")]
    public void Numbers_that_are_read_now_and_then_are_left_alone(string code) => Assert.That(Trained(code), Is.Empty);

    [TestCase("var tape = new Tape(); tape.Backward(x);", "new Tape()")]
    [TestCase("new Tape();", "new Tape()")]
    [TestCase("TensorScope scope = new(); Console.WriteLine(x);", "new()")]
    [TestCase("Tape.NoRecord(); Console.WriteLine(x);", "Tape.NoRecord()")]
    [TestCase("Tape.Pause pause = Tape.NoRecord();", "Tape.NoRecord()")]
    public void A_tape_or_scope_that_nobody_disposes_is_found(string code, string where) => Assert.That(Snippet.Find(code), Is.EqualTo(new[] { $"GW0005: {where}" }));

    [TestCase("using var tape = new Tape();")]
    [TestCase("using (new TensorScope()) { }")]
    [TestCase("using (Tape.NoRecord()) using (var tape = new Tape()) { }")]
    [TestCase("var tape = new Tape(); try { } finally { tape.Dispose(); }")]
    [TestCase("var tape = new Tape(); using (tape) { }")]
    [TestCase("IDisposable kept = new TensorScope(); Keep(kept);")]
    [TestCase("Keep(new Tape());")]
    public void What_is_disposed_or_handed_on_is_left_alone(string code) => Assert.That(Snippet.Find(code, "static void Keep(IDisposable d) { }"), Is.Empty);

    [TestCase("Loss.CrossEntropy(x.Softmax(), y);", "Loss.CrossEntropy(x, y);")]
    [TestCase("(x * 2).Softmax(1).CrossEntropy(y);", "(x * 2).CrossEntropy(y);")]
    [TestCase("Tensor p = x.Softmax();\nLoss.CrossEntropy(p, y);", null)]
    [TestCase("while (true)\n{\nusing (var tape = new Tape()) tape.Backward(x);\noptimizer.Step();\n}", "while (true)\n{\nusing (var tape = new Tape()) tape.Backward(x);\noptimizer.Step();\noptimizer.ZeroGrad();\n}")]
    [TestCase("var tape = new Tape();\ntape.Backward(x);", "using var tape = new Tape();\ntape.Backward(x);")]
    [TestCase("// why\nTape.Pause pause = Tape.NoRecord();", "// why\nusing Tape.Pause pause = Tape.NoRecord();")]
    [TestCase("new Tape();", null)]
    public void The_obvious_is_fixed(string code, string? expected) => Assert.That(Snippet.Fix(code), Is.EqualTo(expected));

    private static string[] Trained(string code) => Snippet.Find($"using var model = new Sequential(new Linear(2, 2)); {code.Replace("BACKWARD", Backward, StringComparison.Ordinal)}",
        "static void Log() { } static void Forget(Sequential m) { m.ZeroGrad(); } static void ForgetAll(Sequential m) { Forget(m); } static void Give(Sequential m, Tensor g) { m.Parameters()[0].Grad = g; }");
}
