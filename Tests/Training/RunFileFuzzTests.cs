using System.Buffers.Binary;
using System.Security.Cryptography;
using Gradwright.Layers;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Mutations of the files that trainings leave and go on from. Lengths and checksums are made right again in most tries, or they would stop all damage.</summary>
public sealed class RunFileFuzzTests
{
    private const int ChecksumBytes = 32;

    [Test]
    public void Mutated_checkpoints_are_read_or_refused_by_name()
    {
        using TemporaryFolder folder = new();
        string path = folder[$"{Fuzz.Name}.checkpoint"];
        using (new TensorScope()) CheckpointFile.Save(path, CheckpointFileTests.Sample());
        Assert.That(Fuzz.Check<CheckpointFormatException>([File.ReadAllBytes(path)], seed: 31, file =>
        {
            File.WriteAllBytes(path, file);
            using TensorScope scope = new();
            CheckpointFile.Load(path);
        }, file => WithChecksum(WithLength(file))), Is.Positive);
    }

    [Test]
    public void Mutated_safetensors_files_are_read_or_refused_by_name()
    {
        using TemporaryFolder folder = new();
        string path = folder[$"{Fuzz.Name}.safetensors"];
        using (new TensorScope()) Safetensors.Save(path, CheckpointFileTests.Sample().Tensors, new Dictionary<string, string> { ["key"] = "text" });
        Assert.That(Fuzz.Check<SafetensorsFormatException>([File.ReadAllBytes(path)], seed: 32, file =>
        {
            File.WriteAllBytes(path, file);
            using TensorScope scope = new();
            Safetensors.Load(path);
        }, WithLength), Is.Positive);
    }

    // Weights, or the whole checkpoint of another program: names and shapes that are not the model's are told as such.
    [Test]
    public void Mutated_weights_are_loaded_or_refused()
    {
        using TemporaryFolder folder = new();
        using Sequential model = new(new Linear(2, 3), new Linear(3, 1));
        model.Initialize(new Generator(1));
        string path = folder[$"{Fuzz.Name}.safetensors"];
        Safetensors.Save(folder["weights"], model.StateDictionary());
        Checkpoint checkpoint = new();
        foreach ((string name, Tensor tensor) in model.StateDictionary()) checkpoint.Tensors.Add($"model.{name}", tensor);
        CheckpointFile.Save(folder["checkpoint"], checkpoint);
        Assert.That(Fuzz.Check<FormatException>([File.ReadAllBytes(folder["weights"]), File.ReadAllBytes(folder["checkpoint"])], seed: 33, file =>
        {
            File.WriteAllBytes(path, file);
            model.LoadWeights(path);
        }, file => file.AsSpan().IndexOf("checkpoint.sha256"u8) < 0 ? WithLength(file) : WithChecksum(WithLength(file)), e => e is ArgumentException), Is.Positive);
    }

    // With the right checksum, as one would have that somebody has changed on purpose: values, histories, states of generators, metrics, logs and of the report.
    [Test]
    public void A_training_goes_on_from_a_mutated_checkpoint_or_refuses_it()
    {
        using TemporaryFolder folder = new();
        using HtmlReport report = new(folder["report.html"]) { MeasureEvery = 2 };
        using CsvLog log = new(folder["log.csv"]);
        using TinyTask task = new(folder[Fuzz.Name], callbacks: [report, log]);
        task.Trainer.Fit(2);
        string path = task.Trainer.Checkpoints!.Latest()!.Value.Path;
        foreach (StoredCheckpoint older in task.Trainer.Checkpoints.List().SkipLast(1)) File.Delete(older.Path);
        Fuzz.Check<CheckpointFormatException>([File.ReadAllBytes(path)], seed: 34, file =>
        {
            File.WriteAllBytes(path, file);
            task.Trainer.Resume();
        }, file => WithChecksum(WithLength(file)), e => e is InvalidOperationException && e.Message.Contains("other settings"));
    }

    [Test]
    public void A_mutated_journal_of_a_search_is_read_or_refused_by_name()
    {
        using TemporaryFolder folder = new();
        SearchSpace space = new();
        Hyperparameter<double> rate = space.LogUniform("rate", 1e-4, 1);
        Hyperparameter<string> kind = space.Choice("kind", "a", "b");
        HyperparameterSearch search = new(space, SearchStrategy.Random(4)) { Folder = folder[Fuzz.Name] };
        double Train(TrialContext trial) => trial.Number == 2 ? throw new InvalidOperationException("no") : trial.Get(rate) + trial.Get(kind).Length;
        search.Run(Train);
        string path = Path.Combine(folder[Fuzz.Name], "search.jsonl");
        byte[] whole = File.ReadAllBytes(path);
        int header = whole.AsSpan().IndexOf((byte)'\n') + 1;
        Assert.That(Fuzz.Check<FormatException>([whole[header..]], seed: 35, lines =>
        {
            File.WriteAllBytes(path, [.. whole[..header], .. lines]);
            search.Run(Train);
        }, isRefusal: e => e is InvalidOperationException && e.Message.Contains(path)), Is.Positive);
    }

    [Test]
    public void A_mutated_repository_has_a_commit_or_none()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder[".git/refs/heads"]);
        File.WriteAllText(folder[".git/refs/heads/main"], new string('a', 40));
        File.WriteAllText(folder[".git/packed-refs"], $"{new string('b', 40)} refs/heads/other\n");
        File.WriteAllText(folder["secret"], "a secret");
        Fuzz.Check<FormatException>(["ref: refs/heads/main\n"u8.ToArray(), "ref: refs/heads/other\n"u8.ToArray(), "ref: ../../secret\n"u8.ToArray()], seed: 36, head =>
        {
            File.WriteAllBytes(folder[".git/HEAD"], head);
            Assert.That(GitCommit.Of(folder.Path), Is.Null.Or.Match("^[0-9a-fA-F]{40}( |$)"));
        });
    }

    [Test]
    public void A_mutated_file_of_the_kernel_cache_counts_as_absent()
    {
        using TemporaryFolder folder = new();
        KernelCache cache = new(folder.Path);
        string key = KernelCache.KeyOf("source");
        byte[] code = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        cache.Write(key, code);
        string path = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Single();
        Fuzz.Check<FormatException>([File.ReadAllBytes(path)], seed: 37, file =>
        {
            File.WriteAllBytes(path, file);
            if (cache.TryRead(key, out byte[] read)) Assert.That(read, Is.EqualTo(code));
        });
    }

    // The JSON's length in front of it: it ends with the brace that closes the first one, and the spaces after that.
    private static byte[] WithLength(byte[] file)
    {
        byte[] copy = [.. file];
        (int depth, bool isText) = (0, false);
        for (int at = sizeof(long); at < copy.Length; at++)
        {
            if (isText && copy[at] == '\\') at++;
            else if (copy[at] == '"') isText = !isText;
            else if (!isText && copy[at] == '{') depth++;
            else if (!isText && copy[at] == '}' && --depth <= 0)
            {
                for (at++; at < copy.Length && copy[at] == ' ';) at++;
                BinaryPrimitives.WriteInt64LittleEndian(copy, at - sizeof(long));
                break;
            }
        }

        return copy;
    }

    private static byte[] WithChecksum(byte[] file) => file.Length < ChecksumBytes ? file : [.. file[..^ChecksumBytes], .. SHA256.HashData(file.AsSpan(..^ChecksumBytes))];
}
