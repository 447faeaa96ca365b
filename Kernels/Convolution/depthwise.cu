/* Convolutions whose filters see one channel each: too few products per element for a matrix product, so every element of the result adds up its own. Channel c has
   `filters` filters, c * filters and on. All operands are row-major. Sums run over the filter's elements, row after row. GROUP is a power of two. */
#include "windows.cuh"

typedef struct { i64 images, channels, filters; Windows w; } Depthwise;

/* y = x * weight + bias; one element of y per work item. The border counts as zeros, which are multiplied like any number. */
KERNEL(GROUP) depthwise(OUT(REAL, y), IN(REAL, weight), IN(REAL, x), IN(REAL, bias), Depthwise p, int biased)
{
    const i64 pixels = p.w.out_height * p.w.out_width, item = GROUP_X * GROUP + ITEM, plane = quotient(item, pixels);
    if (plane >= p.images * p.channels * p.filters) return;
    const i64 unit = quotient(plane, p.filters), image = quotient(plane, p.channels * p.filters), filter = plane - image * (p.channels * p.filters);
    const int within = (int)(item - plane * pixels), row = within / (int)p.w.out_width, column = within - row * (int)p.w.out_width;
    const int height = (int)p.w.height, width = (int)p.w.width, size_v = (int)p.w.size_v, size_h = (int)p.w.size_h;
    const int top = row * (int)p.w.stride_v - (int)p.w.padding_v, left = column * (int)p.w.stride_h - (int)p.w.padding_h;
    GLOBAL const REAL* from = x_buffer + x_offset + unit * (p.w.height * p.w.width);
    GLOBAL const REAL* factor = weight_buffer + weight_offset + filter * (size_v * size_h);
    REAL sum = biased ? bias_buffer[bias_offset + filter] : R(0);
    for (int r = 0; r < size_v; r++) {
        const int i = top + r * (int)p.w.dilation_v;
        for (int s = 0; s < size_h; s++, factor++) {
            const int j = left + s * (int)p.w.dilation_h, inside = i >= 0 && i < height && j >= 0 && j < width;
            sum = FMA(*factor, inside ? from[i * width + j] : R(0), sum);
        }
    }
    y_buffer[y_offset + item] = sum;
}

/* dx = what the windows that read an element hand back, filter by filter; one element of dx per work item. */
KERNEL(GROUP) depthwise_input_gradient(OUT(REAL, dx), IN(REAL, weight), IN(REAL, g), Depthwise p)
{
    const i64 pixels = p.w.height * p.w.width, out_pixels = p.w.out_height * p.w.out_width, item = GROUP_X * GROUP + ITEM, plane = quotient(item, pixels);
    if (plane >= p.images * p.channels) return;
    const i64 channel = plane - quotient(plane, p.channels) * p.channels;
    const int within = (int)(item - plane * pixels), row = within / (int)p.w.width, column = within - row * (int)p.w.width;
    const int stride_v = (int)p.w.stride_v, stride_h = (int)p.w.stride_h, padding_v = (int)p.w.padding_v, padding_h = (int)p.w.padding_h;
    const int dilation_v = (int)p.w.dilation_v, dilation_h = (int)p.w.dilation_h, size_v = (int)p.w.size_v, size_h = (int)p.w.size_h, out_width = (int)p.w.out_width;
    const int first_i = first_window(row, size_v, stride_v, padding_v, dilation_v), last_i = last_window(row, stride_v, padding_v, (int)p.w.out_height);
    const int first_j = first_window(column, size_h, stride_h, padding_h, dilation_h), last_j = last_window(column, stride_h, padding_h, out_width);
    GLOBAL const REAL* from = g_buffer + g_offset + plane * p.filters * out_pixels;
    GLOBAL const REAL* factors = weight_buffer + weight_offset + channel * p.filters * (size_v * size_h);
    REAL sum = R(0);
    for (int f = 0; f < (int)p.filters; f++, from += out_pixels, factors += size_v * size_h) {
        for (int i = last_i; i >= first_i; i--) {
            const int below = row + padding_v - i * stride_v, r = below / dilation_v;
            if (r * dilation_v != below) continue;
            for (int j = last_j; j >= first_j; j--) {
                const int beside = column + padding_h - j * stride_h, s = beside / dilation_h;
                if (s * dilation_h == beside) sum = FMA(factors[r * size_h + s], from[i * out_width + j], sum);
            }
        }
    }
    dx_buffer[dx_offset + item] = sum;
}

/* dw = the sum over all images of g times what the filter's element reads; one element of dw per group. */
KERNEL(GROUP) depthwise_weight_gradient(OUT(REAL, dw), IN(REAL, g), IN(REAL, x), Depthwise p)
{
    SHARED REAL sums[GROUP];
    const int height = (int)p.w.height, width = (int)p.w.width, out_height = (int)p.w.out_height, out_width = (int)p.w.out_width, size_h = (int)p.w.size_h;
    const int pixels = out_height * out_width, taps = (int)p.w.size_v * size_h, stride_v = (int)p.w.stride_v, stride_h = (int)p.w.stride_h;
    const i64 filter = quotient(GROUP_X, taps), channel = quotient(filter, p.filters);
    const int tap = (int)(GROUP_X - filter * taps), r = tap / size_h, s = tap - r * size_h;
    const int top = r * (int)p.w.dilation_v - (int)p.w.padding_v, left = s * (int)p.w.dilation_h - (int)p.w.padding_h;
    GLOBAL const REAL* all_g = g_buffer + g_offset + filter * pixels;
    GLOBAL const REAL* all_x = x_buffer + x_offset + channel * ((i64)height * width);

    /* The group's items take pixels (i, j) in turn. */
    int image = ITEM / pixels, i = (ITEM - image * pixels) / out_width, j = ITEM - image * pixels - i * out_width;
    const int by_image = GROUP / pixels, by_pixels = GROUP - by_image * pixels, by_i = by_pixels / out_width, by_j = by_pixels - by_i * out_width;
    REAL sum = R(0);
    while (image < (int)p.images) {
        const int row = top + i * stride_v, column = left + j * stride_h, inside = row >= 0 && row < height && column >= 0 && column < width;
        const REAL value = inside ? all_x[image * p.channels * ((i64)height * width) + (row * width + column)] : R(0);
        sum = FMA(value, all_g[image * p.channels * p.filters * pixels + (i * out_width + j)], sum);
        j += by_j; i += by_i; image += by_image;
        if (j >= out_width) { j -= out_width; i++; }
        if (i >= out_height) { i -= out_height; image++; }
    }

    sums[ITEM] = sum;
    BARRIER();
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        if (ITEM < half_of) sums[ITEM] += sums[ITEM + half_of];
        BARRIER();
    }
    if (ITEM == 0) dw_buffer[dw_offset + GROUP_X] = sums[0];
}
