/* How a window slides over the planes [height, width] of an image: position (i, j) of [out_height, out_width] reads at
   (i * stride_v - padding_v + r * dilation_v, j * stride_h - padding_h + s * dilation_h), and a plane has fewer than 2^31 elements. */
typedef struct {
    i64 height, width, out_height, out_width;
    i64 size_v, stride_v, padding_v, dilation_v;
    i64 size_h, stride_h, padding_h, dilation_h;
} Windows;

/* a / b for a >= 0, b > 0. Most numbers fit into 32 bits, where a division takes a fraction of the time. */
DEVICE i64 quotient(i64 a, i64 b)
{
    return (a | b) >> 32 ? a / b : (i64)((u32)a / (u32)b);
}

/* The first and the last position i whose window, of extent dilation * (size - 1) + 1, may reach element `at` of an axis: at + padding - i * stride lies in it. */
DEVICE int first_window(int at, int size, int stride, int padding, int dilation)
{
    const int beyond = at + padding - dilation * (size - 1);
    return beyond <= 0 ? 0 : (beyond + stride - 1) / stride;
}

DEVICE int last_window(int at, int stride, int padding, int positions)
{
    const int last = (at + padding) / stride;
    return last < positions ? last : positions - 1;
}
