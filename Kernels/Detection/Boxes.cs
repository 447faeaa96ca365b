using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>Boxes as operands: [R, 5], each (image, left, top, right, bottom).</summary>
internal static unsafe class Boxes
{
    /// <summary>Checks the operands of a pooling of boxes and gives its shape.</summary>
    public static Shape Output(Op op, Shape input, DType dtype, Tensor boxes, int height, int width)
    {
        Check.Type(op, "boxes", boxes, dtype);
        if (boxes.Rank != 2 || boxes.Shape[1] != 5) throw new ShapeException($"{op.Name}: boxes {boxes.Shape} must be [boxes, 5]: image, left, top, right, bottom.");
        if (height < 1 || width < 1) throw new ShapeException($"{op.Name}: {height} · {width} bins; there must be at least one.");
        if (input[2] < 1 || input[3] < 1 || input[2] * input[3] > int.MaxValue)
            throw new ShapeException($"{op.Name}: images of {input[2]} · {input[3]} pixels have no regions; 1 to {int.MaxValue} are allowed.");
        return Shape.Create(boxes.Shape[0], input[1], height, width);
    }

    /// <summary>Checks the images of all boxes.</summary>
    public static void CheckImages<T>(Op op, T* boxes, int count, int images, Shape input) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int r = 0; r < count; r++)
        {
            T image = boxes[5 * (nint)r];
            if (!(image >= T.Zero && image < T.CreateChecked(images))) throw NoImage(op, r, T.IsFinite(image) ? long.CreateSaturating(T.Floor(image)) : -1, input);
        }
    }

    public static ShapeException NoImage(Op op, long box, long image, Shape input)
        => new($"{op.Name}: box {box} names image {image} of {input}, which has images 0 to {input[0] - 1}. A box is (image, left, top, right, bottom).");
}
