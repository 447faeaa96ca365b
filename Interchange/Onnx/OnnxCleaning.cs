using Google.Protobuf.Collections;
using Gradwright.Onnx;

namespace Gradwright;

/// <summary>Changes to a graph that do not change what it computes.</summary>
internal static class OnnxCleaning
{
    /// <summary>Another name for a value that the nodes from <paramref name="start"/> on make and use.</summary>
    public static void Rename(GraphProto graph, int start, string name, string wanted)
    {
        for (int i = start; i < graph.Node.Count; i++)
        {
            Replace(graph.Node[i].Input, name, wanted);
            Replace(graph.Node[i].Output, name, wanted);
        }
    }

    /// <summary>Drops nodes and initializers on which no result depends.</summary>
    public static void DropUnused(GraphProto graph)
    {
        HashSet<string> needed = [.. graph.Output.Select(output => output.Name)];
        for (int i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i].Output.Any(needed.Contains)) needed.UnionWith(graph.Node[i].Input);
            else graph.Node.RemoveAt(i);
        }

        for (int i = graph.Initializer.Count - 1; i >= 0; i--)
            if (!needed.Contains(graph.Initializer[i].Name)) graph.Initializer.RemoveAt(i);
    }

    private static void Replace(RepeatedField<string> names, string name, string wanted)
    {
        for (int i = 0; i < names.Count; i++)
            if (names[i] == name) names[i] = wanted;
    }
}
