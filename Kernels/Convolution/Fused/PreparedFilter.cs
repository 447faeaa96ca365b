using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>A convolution's weight [K, C/groups, window] in the order in which a method reads it, in the vectors of this machine.</summary>
internal sealed unsafe class PreparedFilter : IDisposable
{
    private readonly Tensor _values;

    /// <summary>Prepares the weight for a method.</summary>
    public PreparedFilter(in ConvolutionShape p, FusedMethod method, Tensor weight)
    {
        Method = method;
        long panels = Panels(p.Filters, weight.DType), points = method switch { FusedMethod.Winograd2 => 16, FusedMethod.Winograd4 => 36, _ => p.Taps };
        long elements = method == FusedMethod.Depthwise ? p.Taps * p.Channels : panels * points * p.Channels;
        _values = Tensor.Empty(Layout.Contiguous([elements]), weight.DType, weight.Accelerator, Tensor.Ownership.Caller);
        using Packed packed = new(weight);
        int tile = method switch { FusedMethod.Winograd2 => 2, FusedMethod.Winograd4 => 4, _ => 0 };
        using Tensor transforms = Tensor.Empty(Layout.Contiguous([tile == 0 ? 0 : WinogradPlan.ForImages(p, tile).FilterElements]), weight.DType, weight.Accelerator, Tensor.Ownership.Internal);
        Arguments arguments = new() { Shape = p, Method = method, Weight = packed.Pointer, Transforms = transforms.Pointer, To = _values.Pointer };
        WindowDispatch.Run<Pass, Arguments>(weight.DType, ref arguments);
    }

    public FusedMethod Method { get; }

    public nint Pointer => _values.Pointer;

    public bool IsDisposed => _values.IsDisposed;

    public void Dispose() => _values.Dispose();

    /// <summary>Columns of all panels of a product.</summary>
    private static long Panels(int columns, DType dtype)
    {
        int panel = 2 * Math.Max(1, SimdDispatch.Bits / 8 / dtype.Size);
        return ((long)columns + panel - 1) / panel * panel;
    }

    private struct Arguments
    {
        public ConvolutionShape Shape;
        public FusedMethod Method;
        public nint Weight, Transforms, To;
    }

    private readonly struct Pass : IWindowPass<Arguments>
    {
        public static void Run<T, V, S>(ref Arguments a)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            T* weight = (T*)a.Weight, to = (T*)a.To;
            ConvolutionShape p = a.Shape;
            switch (a.Method)
            {
                case FusedMethod.Depthwise:
                    for (int c = 0; c < p.Channels; c++)
                        for (int t = 0; t < p.Taps; t++) to[(nint)t * p.Channels + c] = weight[(nint)c * p.Taps + t];
                    break;
                case FusedMethod.Winograd2: Tiles<T, V, S, WinogradTile2>(p, weight, (T*)a.Transforms, to); break;
                case FusedMethod.Winograd4: Tiles<T, V, S, WinogradTile4>(p, weight, (T*)a.Transforms, to); break;
                case FusedMethod.PlainColumns: GemmPacking<T, V, S>.PackColumns(weight, 1, (nint)p.Channels * p.Taps, p.Channels * p.Taps, p.Filters, to); break;
                default: Turned<T, V, S>(p, weight, to); break;
            }
        }

        /// <summary>Panels of [taps, channels] by filters.</summary>
        private static void Turned<T, V, S>(in ConvolutionShape p, T* weight, T* to)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            nint length = (nint)p.Channels * p.Taps;
            int panel = BlockedProduct<T, V, S>.TileColumns;
            for (int k = 0; k < p.Filters; k += panel)
                for (int t = 0; t < p.Taps; t++, to += p.Channels * panel)
                    GemmPacking<T, V, S>.PackColumns(weight + k * length + t, p.Taps, length, p.Channels, Math.Min(panel, p.Filters - k), to);
        }

        /// <summary>The transforms, at each point panels of channels by filters.</summary>
        private static void Tiles<T, V, S, TTile>(in ConvolutionShape p, T* weight, T* transforms, T* to)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile
        {
            WinogradPlan plan = WinogradPlan.ForImages(p, TTile.Size);
            WinogradFilters<T, V, S, TTile>.Transform(plan, reversed: false, weight, transforms);
            nint panels = (nint)(p.Filters + BlockedProduct<T, V, S>.TileColumns - 1) / BlockedProduct<T, V, S>.TileColumns * BlockedProduct<T, V, S>.TileColumns;
            for (int point = 0; point < plan.Points; point++)
                GemmPacking<T, V, S>.PackColumns(transforms + point * plan.FilterStep, plan.ToRow, 1, p.Channels, p.Filters, to + point * panels * p.Channels);
        }
    }
}
