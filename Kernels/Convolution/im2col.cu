/* Between images and columns: the matrix [channels * taps, images * out_height * out_width] of what each output pixel reads. Images are row-major, [images, channels,
   height, width]. */
#include "windows.cuh"

typedef struct { i64 images, channels; Windows w; } Columns;

/* columns from x, 0 in the border. A group fills GROUP neighbours of a row; groups run along rows first. */
KERNEL(GROUP) image_to_columns(OUT(REAL, columns), IN(REAL, x), Columns p)
{
    const i64 pixels = p.w.out_height * p.w.out_width, length = p.images * pixels, parts = (length + GROUP - 1) / GROUP;
    const i64 line = quotient(GROUP_X, parts), at = (GROUP_X - line * parts) * GROUP + ITEM;
    if (at >= length) return;
    const int size_h = (int)p.w.size_h, taps = (int)p.w.size_v * size_h, width = (int)p.w.width;
    const i64 channel = quotient(line, taps), image = quotient(at, pixels);
    const int tap = (int)(line - channel * taps), r = tap / size_h, s = tap - r * size_h;
    const int within = (int)(at - image * pixels), i = within / (int)p.w.out_width, j = within - i * (int)p.w.out_width;
    const int row = i * (int)p.w.stride_v - (int)p.w.padding_v + r * (int)p.w.dilation_v, column = j * (int)p.w.stride_h - (int)p.w.padding_h + s * (int)p.w.dilation_h;
    const int inside = row >= 0 && row < (int)p.w.height && column >= 0 && column < width;
    columns_buffer[columns_offset + line * length + at] = inside ? x_buffer[x_offset + (image * p.channels + channel) * (p.w.height * p.w.width) + (row * width + column)] : R(0);
}

/* dx = the sum of those elements of the columns that were read there, by the filter's elements row after row; one element of dx per work item. */
KERNEL(GROUP) columns_to_image(OUT(REAL, dx), IN(REAL, columns), Columns p)
{
    const i64 pixels = p.w.height * p.w.width, out_pixels = p.w.out_height * p.w.out_width, length = p.images * out_pixels;
    const i64 item = GROUP_X * GROUP + ITEM, plane = quotient(item, pixels);
    if (plane >= p.images * p.channels) return;
    const i64 image = quotient(plane, p.channels), channel = plane - image * p.channels;
    const int within = (int)(item - plane * pixels), row = within / (int)p.w.width, column = within - row * (int)p.w.width;
    const int stride_v = (int)p.w.stride_v, stride_h = (int)p.w.stride_h, padding_v = (int)p.w.padding_v, padding_h = (int)p.w.padding_h;
    const int dilation_v = (int)p.w.dilation_v, dilation_h = (int)p.w.dilation_h, size_v = (int)p.w.size_v, size_h = (int)p.w.size_h, out_width = (int)p.w.out_width;
    const int first_i = first_window(row, size_v, stride_v, padding_v, dilation_v), last_i = last_window(row, stride_v, padding_v, (int)p.w.out_height);
    const int first_j = first_window(column, size_h, stride_h, padding_h, dilation_h), last_j = last_window(column, stride_h, padding_h, out_width);
    GLOBAL const REAL* from = columns_buffer + columns_offset + channel * (size_v * size_h) * length + image * out_pixels;
    REAL sum = R(0);
    for (int i = last_i; i >= first_i; i--) {
        const int below = row + padding_v - i * stride_v, r = below / dilation_v;
        if (r * dilation_v != below) continue;
        for (int j = last_j; j >= first_j; j--) {
            const int beside = column + padding_h - j * stride_h, s = beside / dilation_h;
            if (s * dilation_h == beside) sum += from[(r * size_h + s) * length + (i * out_width + j)];
        }
    }
    dx_buffer[dx_offset + item] = sum;
}
