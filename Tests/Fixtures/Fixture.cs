using System.Text.Json;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

/// <summary>
/// What an independent implementation computes from given numbers: inputs, parameters, results and gradients. A topic is a JSON file that a script beside it
/// makes (<c>make.sh</c> runs all).
/// </summary>
public sealed class Fixture
{
    private readonly JsonElement _case;

    private Fixture(JsonElement element) => _case = element;

    public string Name => _case.GetProperty("name").GetString()!;

    /// <summary>All cases of a topic.</summary>
    public static IReadOnlyList<Fixture> Load(string topic)
    {
        using Stream stream = typeof(Fixture).Assembly.GetManifestResourceStream($"{topic}.json") ?? throw new ArgumentException($"There is no topic {topic}.");
        using JsonDocument document = JsonDocument.Parse(stream);
        return [.. document.RootElement.Clone().EnumerateArray().Select(element => new Fixture(element))];
    }

    /// <summary>All cases of a topic, for a test that takes a fixture; optionally those whose name starts so.</summary>
    public static IEnumerable<TestCaseData> Cases(string topic, string start = "")
        => Load(topic).Where(f => f.Name.StartsWith(start, StringComparison.Ordinal)).Select(f => new TestCaseData(f).SetArgDisplayNames(f.Name));

    public bool Knows(string attribute) => _case.GetProperty("attributes").TryGetProperty(attribute, out _);

    public double Number(string attribute, double otherwise = double.NaN) => Knows(attribute) ? Attribute(attribute).GetDouble() : NotNaN(otherwise, attribute);

    public int Integer(string attribute, int? otherwise = null) => Knows(attribute) ? Attribute(attribute).GetInt32() : otherwise ?? throw Missing(attribute);

    public bool Flag(string attribute, bool otherwise = false) => Knows(attribute) ? Attribute(attribute).GetBoolean() : otherwise;

    public string Text(string attribute, string? otherwise = null) => Knows(attribute) ? Attribute(attribute).GetString()! : otherwise ?? throw Missing(attribute);

    /// <summary>A list of whole numbers, such as a window's sizes.</summary>
    public int[] Integers(string attribute) => [.. Attribute(attribute).EnumerateArray().Select(e => e.GetInt32())];

    public double[] Numbers(string attribute) => [.. Attribute(attribute).EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>The tensors of a group in order: inputs, parameters, upstream, outputs, gradients.</summary>
    public OrderedDictionary<string, Tensor> Tensors(string group, DType dtype)
    {
        OrderedDictionary<string, Tensor> tensors = [];
        if (_case.TryGetProperty(group, out JsonElement entries))
            foreach (JsonProperty entry in entries.EnumerateObject()) tensors[entry.Name] = Read(entry.Value, dtype);
        return tensors;
    }

    /// <summary>The numbers of one tensor.</summary>
    public double[] Values(string group, string name) => [.. _case.GetProperty(group).GetProperty(name).GetProperty("values").EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>Compares a function's results and gradients, in double and in single precision.</summary>
    /// <param name="forward">From the inputs, in the fixture's order, to the outputs.</param>
    public void Check(Func<Tensor[], Tensor[]> forward)
    {
        foreach (DType dtype in (DType[])[DType.Float64, DType.Float32])
        {
            using TensorScope scope = new();
            Compare(dtype, forward, []);
        }
    }

    /// <summary>Compares a module's results and gradients, in double and in single precision.</summary>
    /// <param name="make">Makes the module; it gets the fixture's parameters and buffers.</param>
    /// <param name="forward">From the inputs, in the fixture's order, to the outputs.</param>
    public void Check<TModule>(Func<DType, TModule> make, Func<TModule, Tensor[], Tensor[]> forward) where TModule : Module
    {
        foreach (DType dtype in (DType[])[DType.Float64, DType.Float32])
        {
            using TensorScope scope = new();
            using TModule module = make(dtype);
            module.LoadState(Tensors("parameters", dtype));
            Compare(dtype, x => forward(module, x), module.NamedParameters());
        }
    }

    /// <summary>Compares a module of one tensor in, one tensor out.</summary>
    public void Check(Func<DType, Module<Tensor, Tensor>> make) => Check(make, (module, x) => [module.Forward(x[0])]);

    public override string ToString() => Name;

    private void Compare(DType dtype, Func<Tensor[], Tensor[]> forward, IReadOnlyList<(string Name, Tensor Parameter)> parameters)
    {
        double tolerance = dtype == DType.Float64 ? 1e-10 : 1e-5;
        OrderedDictionary<string, Tensor> inputs = Tensors("inputs", dtype), upstream = Tensors("upstream", dtype), expected = Tensors("outputs", DType.Float64),
            gradients = Tensors("gradients", DType.Float64);
        using Tape tape = new();
        (string Name, Tensor Tensor)[] variables = [.. inputs.Select(i => (i.Key, i.Value)).Concat(parameters).Where(v => gradients.ContainsKey(v.Item1))];
        foreach ((_, Tensor input) in inputs)
            if (input.DType.IsFloating) tape.Watch(input);
        Tensor[] y = forward([.. inputs.Values]);
        Assert.That(y, Has.Length.EqualTo(expected.Count), $"{Name}: number of outputs");
        foreach (((string name, Tensor b), Tensor a) in expected.Zip(y)) AssertClose(a, b, expected, tolerance, $"{dtype}, output {name}");
        if (gradients.Count == 0) return;
        Assert.That(variables, Has.Length.EqualTo(gradients.Count), $"{Name}: has gradients of {string.Join(", ", gradients.Keys)}");
        Tensor total = expected.Keys.Zip(y).Where(pair => upstream.ContainsKey(pair.First)).Select(pair => (pair.Second * upstream[pair.First]).Sum()).Aggregate((a, b) => a + b);
        Tensor[] found = tape.Gradients(total, [.. variables.Select(v => v.Tensor)]);
        foreach (((string name, _), Tensor a) in variables.Zip(found)) AssertClose(a, gradients[name], gradients, tolerance, $"{dtype}, gradient of {name}");
    }

    // What is zero but for rounding, such as the gradient of a bias in front of a norm, is compared with the largest of its group.
    private void AssertClose(Tensor actual, Tensor expected, OrderedDictionary<string, Tensor> group, double tolerance, string what)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape), $"{Name}: {what}");
        double[] a = HostValues.Of(actual), b = HostValues.Of(expected);
        double largest = Largest(expected), all = group.Values.Max(Largest);
        if (largest < 1e-12 * all) largest = all;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i].Equals(b[i]) || Math.Abs(a[i] - b[i]) <= tolerance * largest) continue;
            Assert.Fail($"{Name}: {what}, element {i}: {a[i]:R} instead of {b[i]:R} (largest {largest:G3}).");
        }
    }

    private static double Largest(Tensor x) => x.DType.IsFloating ? HostValues.Of(x).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max() : 0;

    private static Tensor Read(JsonElement entry, DType dtype)
    {
        Shape shape = new([.. entry.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())]);
        JsonElement.ArrayEnumerator values = entry.GetProperty("values").EnumerateArray();
        return entry.GetProperty("type").GetString() switch
        {
            "int" => Tensor.From([.. values.Select(e => e.GetInt64())], shape),
            "bool" => Tensor.From([.. values.Select(e => e.GetDouble() != 0)], shape),
            _ when dtype == DType.Float32 => Tensor.From([.. values.Select(e => (float)e.GetDouble())], shape),
            _ => Tensor.From([.. values.Select(e => e.GetDouble())], shape),
        };
    }

    private JsonElement Attribute(string name) => _case.GetProperty("attributes").TryGetProperty(name, out JsonElement value) ? value : throw Missing(name);

    private double NotNaN(double value, string attribute) => double.IsNaN(value) ? throw Missing(attribute) : value;

    private ArgumentException Missing(string attribute) => new($"Fixture '{Name}' has no attribute '{attribute}'.");
}
