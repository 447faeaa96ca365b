using System.Reflection;
using Gradwright.Checking;
using Gradwright.Layers;
using Module = Gradwright.Layers.Module;

namespace Gradwright.Tests.Layers;

/// <summary>Every public layer with something to try it on; one file per family with a method Add….</summary>
public static partial class LayerSamples
{
    private static readonly List<LayerSample> _all = [];

    static LayerSamples()
    {
        foreach (MethodInfo add in typeof(LayerSamples).GetMethods(BindingFlags.NonPublic | BindingFlags.Static).Where(m => m.Name.StartsWith("Add", StringComparison.Ordinal)).OrderBy(m => m.Name))
            add.Invoke(null, null);
    }

    /// <summary>All samples.</summary>
    public static IReadOnlyList<LayerSample> All => _all;

    /// <summary>A layer of one tensor in, one tensor out.</summary>
    private static void Sample<TLayer>(Func<DType, TLayer> make, params Operand[] operands) where TLayer : Module<Tensor, Tensor>
        => Sample(make, (layer, x) => [layer.Forward(x[0])], operands);

    /// <summary>A layer of any operands and results.</summary>
    private static void Sample<TLayer>(Func<DType, TLayer> make, Func<TLayer, Tensor[], Tensor[]> run, params Operand[] operands) where TLayer : Module
        => _all.Add(Of(make, run, operands));

    /// <summary>A sample to say more about, with <c>with</c>, before it is added to <see cref="_all"/>.</summary>
    private static LayerSample Of<TLayer>(Func<DType, TLayer> make, Func<TLayer, Tensor[], Tensor[]> run, params Operand[] operands) where TLayer : Module
        => new(typeof(TLayer), make, operands, (module, x) => run((TLayer)module, x));
}
