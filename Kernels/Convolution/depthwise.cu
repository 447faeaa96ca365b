/* Convolutions whose filters see one channel each: too few products per element for a matrix product, so every element of the result adds up its own. Channel c has
   `filters` filters, c * filters and on. Images may be volumes. All operands are row-major. Sums run over the filter's elements, plane after plane and row after row.
   GROUP is a power of two. */
#include "volumes.cuh"

typedef struct { i64 images, channels, filters; Windows w; Depths d; } Depthwise;

/* y = x * weight + bias; one element of y per work item. The border counts as zeros, which are multiplied like any number. */
KERNEL(GROUP) depthwise(OUT(REAL, y), IN(REAL, weight), IN(REAL, x), IN(REAL, bias), Depthwise p, int biased)
{
    const int depth = DEPTH(p.d.depth, 1), size_d = DEPTH(p.d.size_d, 1);
    const int plane_pixels = (int)(p.w.out_height * p.w.out_width), height = (int)p.w.height, width = (int)p.w.width, size_v = (int)p.w.size_v, size_h = (int)p.w.size_h;
    const i64 pixels = (i64)DEPTH(p.d.out_depth, 1) * plane_pixels, item = GROUP_X * GROUP + ITEM, channel = quotient(item, pixels);
    if (channel >= p.images * p.channels * p.filters) return;
    const i64 unit = quotient(channel, p.filters), image = quotient(channel, p.channels * p.filters), filter = channel - image * (p.channels * p.filters);
    const int in_volume = (int)(item - channel * pixels), layer = VOLUME ? in_volume / plane_pixels : 0, within = in_volume - layer * plane_pixels;
    const int row = within / (int)p.w.out_width, column = within - row * (int)p.w.out_width;
    const int front = VOLUME ? layer * (int)p.d.stride_d - (int)p.d.padding_d : 0;
    const int top = row * (int)p.w.stride_v - (int)p.w.padding_v, left = column * (int)p.w.stride_h - (int)p.w.padding_h;
    GLOBAL const REAL* from = x_buffer + x_offset + unit * ((i64)depth * height * width);
    GLOBAL const REAL* factor = weight_buffer + weight_offset + filter * (size_d * size_v * size_h);
    REAL sum = biased ? bias_buffer[bias_offset + filter] : R(0);
    for (int a = 0; a < size_d; a++) {
        const int z = VOLUME ? front + a * (int)p.d.dilation_d : 0, in_depth = !VOLUME || (z >= 0 && z < depth);
        GLOBAL const REAL* from_plane = from + (i64)z * height * width;
        for (int r = 0; r < size_v; r++) {
            const int i = top + r * (int)p.w.dilation_v;
            for (int s = 0; s < size_h; s++, factor++) {
                const int j = left + s * (int)p.w.dilation_h, inside = in_depth && i >= 0 && i < height && j >= 0 && j < width;
                sum = FMA(*factor, inside ? from_plane[i * width + j] : R(0), sum);
            }
        }
    }
    y_buffer[y_offset + item] = sum;
}

/* dx = what the windows that read an element hand back, filter by filter; one element of dx per work item. */
KERNEL(GROUP) depthwise_input_gradient(OUT(REAL, dx), IN(REAL, weight), IN(REAL, g), Depthwise p)
{
    const int depth = DEPTH(p.d.depth, 1), out_depth = DEPTH(p.d.out_depth, 1), size_d = DEPTH(p.d.size_d, 1);
    const int stride_d = DEPTH(p.d.stride_d, 1), padding_d = DEPTH(p.d.padding_d, 0), dilation_d = DEPTH(p.d.dilation_d, 1);
    const int plane_pixels = (int)(p.w.height * p.w.width), out_plane = (int)(p.w.out_height * p.w.out_width);
    const i64 pixels = (i64)depth * plane_pixels, out_pixels = (i64)out_depth * out_plane, item = GROUP_X * GROUP + ITEM, unit = quotient(item, pixels);
    if (unit >= p.images * p.channels) return;
    const i64 channel = unit - quotient(unit, p.channels) * p.channels;
    const int in_volume = (int)(item - unit * pixels), layer = VOLUME ? in_volume / plane_pixels : 0, within = in_volume - layer * plane_pixels;
    const int row = within / (int)p.w.width, column = within - row * (int)p.w.width;
    const int stride_v = (int)p.w.stride_v, stride_h = (int)p.w.stride_h, padding_v = (int)p.w.padding_v, padding_h = (int)p.w.padding_h;
    const int dilation_v = (int)p.w.dilation_v, dilation_h = (int)p.w.dilation_h, size_v = (int)p.w.size_v, size_h = (int)p.w.size_h, out_width = (int)p.w.out_width;
    const int taps = size_d * size_v * size_h;
    const int first_t = VOLUME ? first_window(layer, size_d, stride_d, padding_d, dilation_d) : 0, last_t = VOLUME ? last_window(layer, stride_d, padding_d, out_depth) : 0;
    const int first_i = first_window(row, size_v, stride_v, padding_v, dilation_v), last_i = last_window(row, stride_v, padding_v, (int)p.w.out_height);
    const int first_j = first_window(column, size_h, stride_h, padding_h, dilation_h), last_j = last_window(column, stride_h, padding_h, out_width);
    GLOBAL const REAL* from = g_buffer + g_offset + unit * p.filters * out_pixels;
    GLOBAL const REAL* factors = weight_buffer + weight_offset + channel * p.filters * taps;
    REAL sum = R(0);
    for (int f = 0; f < (int)p.filters; f++, from += out_pixels, factors += taps) {
        for (int t = last_t; t >= first_t; t--) {
            const int behind = VOLUME ? layer + padding_d - t * stride_d : 0, a = behind / dilation_d;
            if (a * dilation_d != behind) continue;
            GLOBAL const REAL* from_plane = from + (i64)t * out_plane;
            for (int i = last_i; i >= first_i; i--) {
                const int below = row + padding_v - i * stride_v, r = below / dilation_v;
                if (r * dilation_v != below) continue;
                for (int j = last_j; j >= first_j; j--) {
                    const int beside = column + padding_h - j * stride_h, s = beside / dilation_h;
                    if (s * dilation_h == beside) sum = FMA(factors[(a * size_v + r) * size_h + s], from_plane[i * out_width + j], sum);
                }
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
    const int depth = DEPTH(p.d.depth, 1), out_depth = DEPTH(p.d.out_depth, 1), stride_d = DEPTH(p.d.stride_d, 1);
    const int plane_pixels = out_height * out_width, pixels = out_depth * plane_pixels, plane_taps = (int)p.w.size_v * size_h, taps = DEPTH(p.d.size_d, 1) * plane_taps;
    const int stride_v = (int)p.w.stride_v, stride_h = (int)p.w.stride_h;
    const i64 plane = (i64)height * width, volume = depth * plane;
    const i64 filter = quotient(GROUP_X, taps), channel = quotient(filter, p.filters);
    const int tap = (int)(GROUP_X - filter * taps), a = VOLUME ? tap / plane_taps : 0, in_plane = tap - a * plane_taps, r = in_plane / size_h, s = in_plane - r * size_h;
    const int front = VOLUME ? a * (int)p.d.dilation_d - (int)p.d.padding_d : 0;
    const int top = r * (int)p.w.dilation_v - (int)p.w.padding_v, left = s * (int)p.w.dilation_h - (int)p.w.padding_h;
    GLOBAL const REAL* all_g = g_buffer + g_offset + filter * pixels;
    GLOBAL const REAL* all_x = x_buffer + x_offset + channel * volume;

    /* The group's items take pixels (t, i, j) in turn. */
    int image = ITEM / pixels, t = VOLUME ? (ITEM - image * pixels) / plane_pixels : 0;
    int i = (ITEM - image * pixels - t * plane_pixels) / out_width, j = ITEM - image * pixels - t * plane_pixels - i * out_width;
    const int by_image = GROUP / pixels, by_pixels = GROUP - by_image * pixels, by_t = VOLUME ? by_pixels / plane_pixels : 0, in_step = by_pixels - by_t * plane_pixels;
    const int by_i = in_step / out_width, by_j = in_step - by_i * out_width;
    REAL sum = R(0);
    while (image < (int)p.images) {
        const int z = front + t * stride_d, row = top + i * stride_v, column = left + j * stride_h;
        const int inside = (!VOLUME || (z >= 0 && z < depth)) && row >= 0 && row < height && column >= 0 && column < width;
        const REAL value = inside ? all_x[image * p.channels * volume + z * plane + (row * width + column)] : R(0);
        sum = FMA(value, all_g[image * p.channels * p.filters * pixels + (t * plane_pixels + i * out_width + j)], sum);
        j += by_j; i += by_i; t += by_t; image += by_image;
        if (j >= out_width) { j -= out_width; i++; }
        if (i >= out_height) { i -= out_height; if (VOLUME) t++; else image++; }
        if (VOLUME && t >= out_depth) { t -= out_depth; image++; }
    }

    sums[ITEM] = sum;
    BARRIER();
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        if (ITEM < half_of) sums[ITEM] += sums[ITEM + half_of];
        BARRIER();
    }
    if (ITEM == 0) dw_buffer[dw_offset + GROUP_X] = sums[0];
}
