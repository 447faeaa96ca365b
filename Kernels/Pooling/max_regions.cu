/* The largest number of each region of the planes [depth, height, width], and its place in the plane, counted through: the first one of equals, the last one of
   NaNs, which count as largest. Everything is row-major; one element of the result per work item. `axes` numbers are drawn for every plane, one per trailing axis, or
   none if axes is 0. */
#include "windows.cuh"
#include "axis_map.cuh"
#include "planes.cuh"

#define DRAW(axis) (axes + (axis) >= 3 ? draws_buffer[draws_offset + plane * axes + axes + (axis) - 3] : 0)

KERNEL(GROUP) max_regions(OUT(REAL, y), OUT(i64, index), IN(REAL, x), IN(i64, draws), AxisMap depth, AxisMap height, AxisMap width, i64 count, int axes)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE3(item, depth.output, height.output, width.output);
    const AxisSpan sd = axis_span(depth, at_d, DRAW(0)), sh = axis_span(height, at_h, DRAW(1)), sw = axis_span(width, at_w, DRAW(2));
    GLOBAL const REAL* from = x_buffer + x_offset + plane * (depth.input * height.input * width.input);
    REAL most = -INFINITE;
    i64 place = ((i64)sd.first * height.input + sh.first) * width.input + sw.first;
    for (int d = 0; d < sd.count; d++) {
        for (int h = 0; h < sh.count; h++) {
            const i64 row = ((sd.first + d * depth.dilation) * height.input + sh.first + h * height.dilation) * width.input + sw.first;
            for (int w = 0; w < sw.count; w++) {
                const i64 at = row + w * width.dilation;
                const REAL value = from[at];
                const int more = most < value || value != value;
                most = more ? value : most;
                place = more ? at : place;
            }
        }
    }
    y_buffer[y_offset + item] = most;
    if (index_buffer) index_buffer[index_offset + item] = place;
}

/* dx = the sum of the gradients g of those regions whose maximum was there, in order. */
KERNEL(GROUP) max_regions_gradient(OUT(REAL, dx), IN(REAL, g), IN(i64, index), IN(i64, draws), AxisMap depth, AxisMap height, AxisMap width, i64 count, int axes)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE3(item, depth.input, height.input, width.input);
    const AxisSpan sd = axis_readers(depth, at_d, DRAW(0)), sh = axis_readers(height, at_h, DRAW(1)), sw = axis_readers(width, at_w, DRAW(2));
    const i64 first = plane * (depth.output * height.output * width.output);
    GLOBAL const REAL* from = g_buffer + g_offset + first;
    GLOBAL const i64* places = index_buffer + index_offset + first;
    REAL sum = R(0);
    for (int d = sd.first; d < sd.first + sd.count; d++) {
        for (int h = sh.first; h < sh.first + sh.count; h++) {
            const i64 row = ((i64)d * height.output + h) * width.output;
            for (int w = sw.first; w < sw.first + sw.count; w++)
                if (places[row + w] == within) sum += from[row + w];
        }
    }
    dx_buffer[dx_offset + item] = sum;
}
