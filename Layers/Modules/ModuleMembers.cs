using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gradwright.Layers;

/// <summary>What a module's fields hold. Parameters and children are found once; buffers and generators are read afresh.</summary>
internal sealed class ModuleMembers
{
    private readonly Module _module;
    private readonly List<(string Name, FieldInfo Field)> _buffers = [], _generators = [];

    public ModuleMembers(Module module)
    {
        _module = module;
        foreach (FieldInfo field in FieldsOf(module)) Add(field);
    }

    public List<(string Name, Tensor Parameter)> Parameters { get; } = [];
    public List<(string Name, Module Module)> Children { get; } = [];

    public IEnumerable<(string Name, Tensor Buffer)> Buffers()
    {
        foreach ((string name, FieldInfo field) in _buffers)
            if (field.GetValue(_module) is Tensor buffer) yield return (name, buffer);
    }

    public IEnumerable<(string Name, Generator Generator)> Generators()
    {
        foreach ((string name, FieldInfo field) in _generators)
            if (field.GetValue(_module) is Generator generator) yield return (name, generator);
    }

    private void Add(FieldInfo field)
    {
        string name = field.GetCustomAttribute<StateNameAttribute>()?.Name ?? NameOf(field);
        if (field.IsDefined(typeof(BufferAttribute)))
        {
            _buffers.Add((name, field));
            return;
        }

        if (field.FieldType == typeof(Generator))
        {
            _generators.Add((name, field));
            return;
        }

        object? value = field.FieldType.IsPrimitive || field.FieldType == typeof(string) ? null : field.GetValue(_module);
        AddValue(name, value);
    }

    private void AddValue(string name, object? value)
    {
        switch (value)
        {
            case Tensor { IsParameter: true } parameter:
                Parameters.Add((name, parameter));
                break;
            case Module module:
                Children.Add((name, module));
                break;
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary) AddValue(Join(name, entry.Key.ToString()!), entry.Value);
                break;
            case ITuple tuple:
                for (int i = 0; i < tuple.Length; i++) AddValue(Join(name, i.ToString()), tuple[i]);
                break;
            case ICollection or IEnumerable<Module> or IEnumerable<Tensor>:
                int position = 0;
                foreach (object? item in (IEnumerable)value)
                {
                    if (item is IConvertible) break;    // numbers or texts
                    AddValue(Join(name, position++.ToString()), item);
                }

                break;
        }
    }

    // Module's annotation keeps the fields of every derived type, and a base type's fields are fields of the derived type. A native compiler follows it only where GetType
    // meets a parameter that asks for the fields.
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "The type is a base of a Module type, whose fields are kept by the annotation on Module.")]
    private static IEnumerable<FieldInfo> FieldsOf(Module module)
    {
        Stack<FieldInfo[]> levels = [];
        for (Type? type = module.GetType(); type is not null && type != typeof(Module) && type != typeof(object); type = BaseOf(type))
            levels.Push(DeclaredFields(type));
        return levels.SelectMany(fields => fields);
    }

    // In the order of declaration; natively compiled code has no tokens, but keeps the order.
    private static FieldInfo[] DeclaredFields([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields)] Type type)
        => [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).OrderBy(field => field.HasMetadataToken() ? field.MetadataToken : 0)];

    private static Type? BaseOf(Type type) => type.BaseType;

    /// <summary><c>_runningMean</c>, <c>RunningMean</c> and the backing field of a property RunningMean are all <c>running_mean</c>.</summary>
    private static string NameOf(FieldInfo field)
    {
        string name = field.Name;
        int close = name.IndexOf('>');
        if (name.StartsWith('<') && close > 0) name = name[1..close];
        name = name.TrimStart('_');
        StringBuilder snake = new();
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && !char.IsUpper(name[i - 1])) snake.Append('_');
            snake.Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }

    private static string Join(string name, string part) => name.Length == 0 ? part : $"{name}.{part}";
}

/// <summary>Marks a field (or <c>field:</c> of a property) holding a tensor that is saved with the model but not trained: running statistics.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class BufferAttribute : Attribute;

/// <summary>The name of a field in state dictionaries, where it is not the field's own; empty lets the members of a list stand directly under the module.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class StateNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name => name;
}
