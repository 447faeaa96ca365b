using Google.Protobuf;
using Gradwright.TensorBoard;

namespace Gradwright;

/// <summary>A graph as a message of the format.</summary>
internal static class EventGraph
{
    private const int Producer = 22;        // an edition of the format that TensorBoard has known for long
    private const string Shapes = "_output_shapes", Note = "note";

    public static GraphDef Of(IReadOnlyList<EventGraphNode> nodes)
    {
        GraphDef graph = new() { Versions = new() { Producer = Producer } };
        HashSet<string> names = [];
        foreach (EventGraphNode node in nodes)
            if (!names.Add(Clean(node.Name))) throw new ArgumentException($"TensorBoardWriter.AddGraph: two nodes are called '{Clean(node.Name)}'. Number them.", nameof(nodes));
        foreach (EventGraphNode node in nodes)
        {
            if (node.Inputs.FirstOrDefault(input => !names.Contains(Clean(input))) is { } missing)
                throw new ArgumentException($"TensorBoardWriter.AddGraph: '{node.Name}' takes '{missing}', but there is no such node. Add it too.", nameof(nodes));
            NodeDef message = new() { Name = Clean(node.Name), Op = node.Op };
            message.Input.AddRange(node.Inputs.Select(Clean));
            TensorShapeProto shape = new();
            foreach (long length in node.Output) shape.Dim.Add(new TensorShapeProto.Types.Dim { Size = length });
            message.Attr[Shapes] = new() { List = new() };
            message.Attr[Shapes].List.Shape.Add(shape);
            if (node.Note.Length > 0) message.Attr[Note] = new() { S = ByteString.CopyFromUtf8(node.Note) };
            graph.Node.Add(message);
        }

        return graph;
    }

    private static string Clean(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/' or '\\' ? c : '_'));
}
