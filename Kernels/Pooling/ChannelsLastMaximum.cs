using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The operands of a pooling of images with their channels last.</summary>
internal struct ChannelsLastPoolArguments
{
    public WindowPlane Plane;
    public int Images, Channels;
    public nint X, Y;
}

/// <summary>The largest number of each window where channels lie next to each other: a vector of them at a time. One task per row of the result.</summary>
internal readonly struct ChannelsLastMaximum : IWindowPass<ChannelsLastPoolArguments>
{
    public static void Run<T, V, S>(ref ChannelsLastPoolArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        Job<T, V, S> job = new() { P = p };
        WindowPlane w = p.Plane;
        WindowDispatch.Share((long)p.Images * w.OutputHeight, (double)p.Images * p.Channels * w.OutputPixels * w.Vertical.Size * w.Horizontal.Size, ref job);
    }

    private unsafe struct Job<T, V, S> : IParallelJob
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public ChannelsLastPoolArguments P;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            WindowPlane w = P.Plane;
            int channels = P.Channels, n = task / w.OutputHeight, top = task % w.OutputHeight * w.Vertical.Stride - w.Vertical.Padding;
            T* image = (T*)P.X + (nint)n * w.ImagePixels * channels, y = (T*)P.Y + (nint)task * w.OutputWidth * channels;
            for (int j = 0; j < w.OutputWidth; j++, y += channels)
            {
                int left = j * w.Horizontal.Stride - w.Horizontal.Padding;
                for (int c = 0; c < channels; c += S.Count)
                {
                    int lanes = Math.Min(S.Count, channels - c);
                    V most = S.Constant(double.NegativeInfinity);
                    for (int r = 0, row = top; r < w.Vertical.Size; r++, row += w.Vertical.Dilation)
                    {
                        if ((uint)row >= (uint)w.Height) continue;
                        T* line = image + (nint)row * w.Width * channels + c;
                        for (int s = 0, column = left; s < w.Horizontal.Size; s++, column += w.Horizontal.Dilation)
                        {
                            if ((uint)column >= (uint)w.Width) continue;
                            T* pixel = line + (nint)column * channels;
                            V v = Lanes.Load<T, V, S>(pixel, lanes);
                            most = S.Select(S.Or(S.Less(most, v), S.IsNaN(v)), v, most);      // as MaxOfWindow: the first of equal ones, NaN counts as largest
                        }
                    }

                    Lanes.Store<T, V, S>(y + c, lanes, most);
                }
            }
        }
    }
}
