using System.Diagnostics;
using Gradwright.Examples;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

/// <summary>What the example program says when it is called in the wrong way: one clear line and exit code 1.</summary>
public sealed class CommandLineTests
{
    [TestCase("digit", "There is no command 'digit'")]
    [TestCase("digit", "Did you mean digits?")]
    [TestCase("digits --epoch 3", "Did you mean --epochs?")]
    [TestCase("digits extra", "no argument 'extra'")]
    [TestCase("digits --epochs 0", "--epochs takes a whole number from 1 to 100000, not '0'")]
    [TestCase("digits --epochs many", "not 'many'")]
    [TestCase("digits --epochs 2.5", "not '2.5'")]
    [TestCase("digits --batch -1", "--batch takes a whole number from 1")]
    [TestCase("digits --learning-rate 0", "--learning-rate takes a number from 1E-09 to 1000, not '0'")]
    [TestCase("digits --learning-rate NaN", "not 'NaN'")]
    [TestCase("digits --seed -1", "--seed takes a whole number from 0")]
    [TestCase("digits --threads 0", "--threads takes a whole number from 1")]
    [TestCase("digits --checkpoint-every -1", "--checkpoint-every takes a whole number from 0")]
    [TestCase("digits --limit 9", "--limit takes a whole number from 10")]
    [TestCase("digits --limit", "--limit")]
    [TestCase("digits --download", "--download needs --data FOLDER")]
    [TestCase("digits --resume --restart", "Give one of them")]
    [TestCase("digits --data", "--data")]
    [TestCase("digits --out", "--out")]
    [TestCase("digits --download --data", "--data")]
    [TestCase("digits --data ", "--data takes the name of a folder")]
    [TestCase("digits --report ", "--report takes the name of a file")]
    [TestCase("digits --watch 70000", "--watch takes a whole number from 0 to 65535, not '70000'")]
    [TestCase("digits --watch x", "not 'x'")]
    [TestCase("digits --out ", "--out takes the name of a folder")]
    [TestCase("digits --accelerator cuda:9", "There is no accelerator 'cuda:9'")]
    [TestCase("digits --data /no/such/folder", "there is no folder /no/such/folder")]
    [TestCase("digits --data /no/such/folder", "Here, --download does that")]
    [TestCase("critical-points --distance 0", "--distance takes a number from 1E-09 to 1000, not '0'")]
    [TestCase("critical-points --distnce 1", "Did you mean --distance?")]
    [TestCase("tabular --data /no/such.csv", "There is no file /no/such.csv")]
    [TestCase("tabular --target size", "flats has no column \"size\"")]
    [TestCase("doctor --fault none-such", "--fault takes one of none, rate-too-high")]
    [TestCase("search --strategy best", "--strategy is one of grid, random, coarse-to-fine, bayesian, halving, not 'best'")]
    [TestCase("search --workers -1", "--workers takes a whole number from 0")]
    [TestCase("search --folds 1", "--folds takes 2 or more")]
    [TestCase("search --trial-limit 30", "--trial-limit takes a time such as 30s, 5m or 1.5h, up to 24 days, not '30'")]
    [TestCase("search --trial-limit -1s", "--trial-limit takes a time")]
    [TestCase("search --trial-limit 600h", "up to 24 days, not '600h'")]
    [TestCase("search --folder ", "--folder takes the name of a folder")]
    [TestCase("inspect --images 99", "--images takes a whole number from 100 to 1000000, not '99'")]
    [TestCase("inspect --epoch 1", "Did you mean --epochs?")]
    [TestCase("inspect --seed x", "not 'x'")]
    [TestCase("inspect --out ", "--out takes the name of a folder")]
    [TestCase("inspect --out /dev/null/x", "Nothing can be written to /dev/null/x")]
    [TestCase("gradcheck --filter nonsense", "No differentiable op has a name with 'nonsense'")]
    public void Bad_arguments_are_named(string arguments, string expected)
    {
        (int code, _, string error) = Program.Run(arguments.Split(' '));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain(expected).And.Not.Contain("   at "));
    }

    [Test]
    public void Verbose_shows_where_an_error_comes_from()
    {
        (int code, _, string error) = Program.Run("digits", "--data", "/no/such/folder", "--verbose");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("   at "));
    }

    [TestCase("--help", "digits")]
    [TestCase("digits --help", "--checkpoint-every")]
    [TestCase("gradcheck --help", "--filter")]
    [TestCase("inspect --help", "--images")]
    public void Help_lists_commands_and_options(string arguments, string expected)
    {
        (int code, string output, _) = Program.Run(arguments.Split(' '));
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain(expected));
    }

    [Test]
    public void Without_a_command_the_commands_are_listed()
    {
        (int code, string output, _) = Program.Run();
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("digits").And.Contain("gradcheck"));
    }

    [Test]
    public void An_empty_data_folder_lacks_all_four_files()
    {
        using Data.TemporaryFolder folder = new();
        (int code, _, string error) = Program.Run("digits", "--data", folder.Path);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("train-images-idx3-ubyte").And.Contain("t10k-labels-idx1-ubyte"));
    }

    [Test]
    public void Gradients_of_the_chosen_ops_are_checked()
    {
        (int code, string output, string error) = Program.Run("gradcheck", "--filter", "matmul");
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Contain("MatMul").And.Contain("all derivatives are right").And.Not.Contain("Convolution"));
    }

    [TestCase("GRADWRIGHT_THREADS", "abc", "GRADWRIGHT_THREADS is 'abc', but must be a whole number from 1 to 1024")]
    [TestCase("GRADWRIGHT_THREADS", "99999999", "GRADWRIGHT_THREADS is '99999999'")]
    [TestCase("GRADWRIGHT_ACCELERATOR", "foo", "There is no accelerator 'foo'")]
    [TestCase("GRADWRIGHT_ACCELERATOR", "", null)]
    [TestCase("GRADWRIGHT_THREADS", "", null)]
    public void Environment_variables_are_checked_and_an_empty_one_is_unset(string variable, string value, string? expected)
    {
        ProcessStartInfo start = new("dotnet", [typeof(ExampleProgram).Assembly.Location, "gradcheck", "--filter", "Absolute"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[variable] = value;
        using Process child = Process.Start(start)!;
        string error = child.StandardError.ReadToEnd();
        child.WaitForExit();
        Assert.That(child.ExitCode, Is.EqualTo(expected is null ? 0 : 1));
        Assert.That(error, expected is null ? Is.Empty : Does.Contain(expected).And.Not.Contain("   at "));
    }
}
