/* y = x with a border of its own elements, see edge_pad.cuh. x and y are row-major; a work item takes one element of y. T moves elements as bits. */
#include "edge_pad.cuh"

KERNEL(GROUP) edge_pad(OUT(T, y), IN(T, x), EdgeAxes p)
{
    const i64 depth = padded_length(p.d), height = padded_length(p.h), width = padded_length(p.w), item = GROUP_X * GROUP + ITEM;
    if (item >= p.planes * depth * height * width) return;
    const i64 row = quotient(item, width), j = item - row * width, layer = quotient(row, height), i = row - layer * height;
    const i64 plane = quotient(layer, depth), t = layer - plane * depth;
    const i64 from = ((plane * p.d.length + source_of(t, p.d, p.reflects)) * p.h.length + source_of(i, p.h, p.reflects)) * p.w.length + source_of(j, p.w, p.reflects);
    y_buffer[y_offset + item] = x_buffer[x_offset + from];
}
