using System.Diagnostics;
using Gradwright.Examples;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

/// <summary>A training whose disk fills up: a small file system in memory, in a namespace of its own, so that nobody else sees it.</summary>
[Platform("Linux", Reason = "makes a file system with unshare and mount")]
public sealed class FullDiskTests
{
    // Two checkpoints of about a megabyte fit, a third does not. What is there at the end is copied out, since the file system goes with its namespace.
    private const string Script = """
        mount -t tmpfs -o size=2500k none "$1" || exit 99
        disk=$1; saved=$2; shift 2
        "$@"; code=$?
        cp -r "$disk/run" "$saved" && exit $code
        """;

    private static string[] Job => ["digits", "--limit", "400", "--epochs", "2", "--batch", "10", "--checkpoint-every", "10"];

    [Test]
    public void A_full_disk_loses_no_checkpoint_and_is_told()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["disk", "saved"]) Directory.CreateDirectory(folder[name]);
        (int code, string error) = InSmallFileSystem(folder["disk"], folder["saved"], ["dotnet", typeof(ExampleProgram).Assembly.Location, .. Job, "--out", folder["disk/run"]]);
        Assert.That(code, Is.EqualTo(1), error);
        Assert.That(error, Does.Contain("No space left on device").And.Contain("checkpoint").And.Not.Contain("   at "));
        Assert.That(Directory.GetFiles(folder["saved/run/checkpoints"], "*.checkpoint"), Has.Length.GreaterThan(1));
        Assert.That(Directory.GetFiles(folder["saved/run/checkpoints"], "*.partial"), Is.Empty);

        Run([.. Job, "--out", folder["saved/run"], "--resume"], "Resumed at step ");
        Run([.. Job, "--out", folder["whole"]], "Training with");
        Assert.That(File.ReadAllBytes(folder["saved/run/model.safetensors"]), Is.EqualTo(File.ReadAllBytes(folder["whole/model.safetensors"])));
    }

    private static (int Code, string Error) InSmallFileSystem(string disk, string saved, string[] command)
    {
        ProcessStartInfo start = new("unshare", ["--map-root-user", "--mount", "sh", "-c", Script, "sh", disk, saved, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process child;
        try
        {
            child = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("there is no unshare (apt install util-linux)");
            throw;
        }

        using (child)
        {
            Task<string> output = child.StandardOutput.ReadToEndAsync();
            string error = child.StandardError.ReadToEnd();
            child.WaitForExit();
            if (child.ExitCode == 99 || error.StartsWith("unshare:", StringComparison.Ordinal)) Assert.Ignore($"no file system of its own is allowed here: {error.Trim()}");
            output.Wait();
            return (child.ExitCode, error);
        }
    }

    private static void Run(string[] arguments, string expected)
    {
        (int code, string output, string error) = Program.Run(arguments);
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Contain(expected));
    }
}
