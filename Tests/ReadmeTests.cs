using Gradwright.Layers;
using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>The README's program, compiled and run; its text is compared with the README.</summary>
public sealed class ReadmeTests
{
    /// <summary>A file as it was when the tests were built.</summary>
    private static string Text(string name)
    {
        using StreamReader reader = new(typeof(ReadmeTests).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [Test]
    public void The_first_look_learns_exclusive_or()
    {
        // <readme>
        var model = new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 1));
        var optimizer = new Adam(model.Parameters(), learningRate: 1e-2);

        Tensor x = Tensor.From(new float[,] { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } });
        Tensor y = Tensor.From(new float[,] { { 0 }, { 1 }, { 1 }, { 0 } });

        for (int step = 0; step < 500; step++)
        {
            using (var tape = new Tape())                       // records, and frees what the block made
            {
                Tensor loss = Loss.MeanSquaredError(model.Forward(x), y);
                tape.Backward(loss);                            // adds to every parameter's Grad
            }

            optimizer.Step();
            optimizer.ZeroGrad();
        }

        using (new TensorScope())                               // frees what a prediction makes
            Console.WriteLine(model.Forward(x));                // close to 0, 1, 1, 0
        // </readme>
        using (new TensorScope())
            Assert.That(Loss.MeanSquaredError(model.Forward(x), y).ToDouble(), Is.LessThan(0.01));
        foreach (IDisposable owned in new IDisposable[] { model, optimizer, x, y }) owned.Dispose();
    }

    [Test]
    public void The_README_shows_the_program_that_is_tested()
    {
        string source = Text("ReadmeTests.cs");
        int start = source.IndexOf("// <readme>", StringComparison.Ordinal), end = source.IndexOf("// </readme>", StringComparison.Ordinal);
        string[] tested = [.. source[start..end].Split('\n')[1..^1].Select(line => line.TrimEnd().Length == 0 ? "" : line.TrimEnd()[8..])];
        Assert.That(Text("README.md"), Does.Contain(string.Join('\n', tested)));
    }

    [Test]
    public void The_README_has_exactly_two_commands_that_set_up()
    {
        string[] blocks = Text("README.md").Split("```sh\n")[1..];
        Assert.That(blocks.Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)].Trim()), Is.EqualTo(new[]
        {
            "dotnet run -c Release --project Examples -- digits",
            "dotnet run -c Release --project Tests",
        }));
    }
}
