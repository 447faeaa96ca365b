using System.Collections.Concurrent;
using System.Reflection;
using System.Text;

namespace Gradwright;

/// <summary>A source of kernels that is embedded in an assembly. Files are small, written by hand, and lie beside the CPU code of the same op.</summary>
/// <param name="Assembly">Where it is embedded.</param>
/// <param name="Name">Its name, without folders: <c>reduce.cu</c>.</param>
internal sealed record KernelFile(Assembly Assembly, string Name)
{
    private static readonly ConcurrentDictionary<KernelFile, string> _texts = new();

    /// <summary>The source, with what it includes in place and <c>#line</c> marks, so that a compiler's messages name the right file and line.</summary>
    public string Text => _texts.GetOrAdd(this, static file =>
    {
        StringBuilder text = new();
        Append(text, file, []);
        return text.ToString();
    });

    private static void Append(StringBuilder text, KernelFile file, HashSet<string> included)
    {
        if (!included.Add(file.Name)) return;
        text.Append("#line 1 \"").Append(file.Name).Append("\"\n");
        int number = 0;
        foreach (string line in file.Read().Split('\n'))
        {
            number++;
            if (line.StartsWith("#include \"", StringComparison.Ordinal))
            {
                Append(text, file with { Name = line.Split('"')[1] }, included);
                text.Append("#line ").Append(number + 1).Append(" \"").Append(file.Name).Append("\"\n");
                continue;
            }

            text.Append(line).Append('\n');
        }
    }

    private string Read()
    {
        using Stream stream = Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"The kernel source '{Name}' is not embedded in {Assembly.GetName().Name}.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
