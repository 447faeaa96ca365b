using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>The right side of products, [K, N], in the panels in which register tiles of this machine read it: see <see cref="GemmArguments{T}.PanelB"/>.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly Tensor _values;

    /// <summary>Packs a matrix of any strides.</summary>
    public PackedMatrix(Tensor b)
    {
        int panel = 2 * Math.Max(1, SimdDispatch.Bits / 8 / b.DType.Size);
        _values = Tensor.Empty(Layout.Contiguous([(b.Shape[1] + panel - 1) / panel * panel * b.Shape[0]]), b.DType, b.Accelerator, Tensor.Ownership.Caller);
        Arguments arguments = new()
        {
            K = checked((int)b.Shape[0]), N = checked((int)b.Shape[1]), From = b.Pointer, Row = (nint)b.Layout.Strides[0], Column = (nint)b.Layout.Strides[1], To = _values.Pointer,
        };
        WindowDispatch.Run<Pass, Arguments>(b.DType, ref arguments);
        Panel = (nint)b.Shape[0] * panel;
    }

    /// <summary>Elements from one panel to the next.</summary>
    public nint Panel { get; }

    public nint Pointer => _values.Pointer;

    public bool IsDisposed => _values.IsDisposed;

    public void Dispose() => _values.Dispose();

    private struct Arguments
    {
        public int K, N;
        public nint From, Row, Column, To;
    }

    private readonly struct Pass : IWindowPass<Arguments>
    {
        public static void Run<T, V, S>(ref Arguments a)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
            => GemmPacking<T, V, S>.PackColumns((T*)a.From, a.Row, a.Column, a.K, a.N, (T*)a.To);
    }
}
