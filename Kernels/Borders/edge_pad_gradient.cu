/* dx = the sums of g over the places that show an element, see edge_pad.cuh; places are taken in a fixed order. g and dx are row-major; a work item takes one
   element of dx. */
#include "edge_pad.cuh"

KERNEL(GROUP) edge_pad_gradient(OUT(REAL, dx), IN(REAL, g), EdgeAxes p)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= p.planes * p.d.length * p.h.length * p.w.length) return;
    const i64 row = quotient(item, p.w.length), j = item - row * p.w.length, layer = quotient(row, p.h.length), i = row - layer * p.h.length;
    const i64 plane = quotient(layer, p.d.length), t = layer - plane * p.d.length;
    REAL sum = R(0);
    for (i64 a = 0; a < places_of(t, p.d, p.reflects); a++) {
        const i64 at_d = place_of(a, t, p.d, p.reflects);
        for (i64 b = 0; at_d >= 0 && b < places_of(i, p.h, p.reflects); b++) {
            const i64 at_h = place_of(b, i, p.h, p.reflects);
            for (i64 c = 0; at_h >= 0 && c < places_of(j, p.w, p.reflects); c++) {
                const i64 at_w = place_of(c, j, p.w, p.reflects);
                if (at_w >= 0) sum += g_buffer[g_offset + ((plane * padded_length(p.d) + at_d) * padded_length(p.h) + at_h) * padded_length(p.w) + at_w];
            }
        }
    }
    dx_buffer[dx_offset + item] = sum;
}
