using Gradwright.Kernels;

namespace Gradwright.Checking;

/// <summary>Every op with something to try it on; one file per family. A test fails when an op is missing here.</summary>
public static partial class OpSamples
{
    private static readonly List<OpSample> _all = [];

    static OpSamples()
    {
        AddElementwise();
        AddMatMul();
        AddViews();
        AddReductions();
        AddSoftmax();
        AddLosses();
        AddLinearAlgebra();
        AddAttention();
        AddSparse();
        AddNormalization();
        AddOrdering();
        AddConvolution();
        AddFusedConvolution();
        AddPooling();
        AddSampling();
        AddDetection();
        AddIndexing();
        AddJoining();
        AddRecurrent();
        AddRandom();
    }

    /// <summary>All samples.</summary>
    public static IReadOnlyList<OpSample> All => _all;

    private static void Sample(Op op, params Operand[] operands) => _all.Add(new(op, operands));

    private static void Sample(OpSample sample) => _all.Add(sample);
}
