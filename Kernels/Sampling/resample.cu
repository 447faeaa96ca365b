/* Linear maps along the three axes of every plane: y[d, h, w] = sum of wd * wh * ww * x over what position (d, h, w) reads along each axis; planes are
   [depth, height, width], all row-major. One element of the result per work item, its sum from the innermost axis outwards, in order. The transposed kernel gathers: an
   element looks through the positions that read it. */
#include "windows.cuh"
#include "axis_map.cuh"
#include "planes.cuh"

KERNEL(GROUP) resample(OUT(REAL, y), IN(REAL, x), AxisMap depth, AxisMap height, AxisMap width, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE3(item, depth.output, height.output, width.output);
    const AxisSpan sd = axis_span(depth, at_d, 0), sh = axis_span(height, at_h, 0), sw = axis_span(width, at_w, 0);
    /* A position weighs its first element and all others: either all are equal, or there are two. */
    const REAL first_d = axis_weight(depth, at_d, sd.first), first_h = axis_weight(height, at_h, sh.first), first_w = axis_weight(width, at_w, sw.first);
    const REAL other_d = axis_weight(depth, at_d, sd.first + 1), other_h = axis_weight(height, at_h, sh.first + 1), other_w = axis_weight(width, at_w, sw.first + 1);
    GLOBAL const REAL* from = x_buffer + x_offset + plane * (depth.input * height.input * width.input);
    REAL sum = R(0);
    for (int d = 0; d < sd.count; d++) {
        REAL slice = R(0);
        for (int h = 0; h < sh.count; h++) {
            GLOBAL const REAL* row = from + ((i64)(sd.first + d) * height.input + sh.first + h) * width.input + sw.first;
            REAL line = first_w * row[0];
            for (int w = 1; w < sw.count; w++) line += other_w * row[w];
            slice += (h == 0 ? first_h : other_h) * line;
        }
        sum += (d == 0 ? first_d : other_d) * slice;
    }
    y_buffer[y_offset + item] = sum;
}

KERNEL(GROUP) resample_transposed(OUT(REAL, dx), IN(REAL, g), AxisMap depth, AxisMap height, AxisMap width, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE3(item, depth.input, height.input, width.input);
    const AxisSpan sd = axis_readers(depth, at_d, 0), sh = axis_readers(height, at_h, 0), sw = axis_readers(width, at_w, 0);
    GLOBAL const REAL* from = g_buffer + g_offset + plane * (depth.output * height.output * width.output);
    REAL sum = R(0);
    for (int d = sd.first; d < sd.first + sd.count; d++) {
        REAL slice = R(0);
        for (int h = sh.first; h < sh.first + sh.count; h++) {
            GLOBAL const REAL* row = from + ((i64)d * height.output + h) * width.output;
            REAL line = R(0);
            for (int w = sw.first; w < sw.first + sw.count; w++) line += axis_weight(width, w, at_w) * row[w];
            slice += axis_weight(height, h, at_h) * line;
        }
        sum += axis_weight(depth, d, at_d) * slice;
    }
    dx_buffer[dx_offset + item] = sum;
}
