/* RoIAlign: boxes [boxes, 5] of (image, left, top, right, bottom) on images [images, channels, height, width]; each is cut into rows * columns bins, and a bin is
   the mean of places in it, read bilinearly. Everything is row-major. The transpose gathers: a pixel looks, box by box, for the places that read it. A box of an
   image that is not there is a fault. */
#include "windows.cuh"

typedef struct { i64 images, channels, height, width, boxes, rows, columns, samples, aligned; } Roi;

/* A box along one axis: where it begins, the size of a bin, and the places in a bin. */
typedef struct { REAL start, bin; int samples, bins, length; } RoiAxis;

/* Pixels low and high with their weights; low is -1 where nothing is read. */
typedef struct { int low, high; REAL weight, next; } RoiPlace;

DEVICE RoiAxis roi_axis(Roi p, REAL from, REAL to, REAL scale, int bins, int length)
{
    const REAL back = p.aligned ? R(0.5) : R(0);
    RoiAxis a;
    a.start = from * scale - back;
    REAL size = to * scale - back - a.start;
    if (!p.aligned) size = size != size ? size : size > R(1) ? size : R(1);
    a.bin = size / R(bins);
    a.bins = bins;
    a.length = length;
    const REAL many = CEIL(a.bin);
    a.samples = p.samples > 0 ? (int)p.samples : many > R(0) && many < R(1048576) ? (int)many : 0;
    return a;
}

/* Place k of all, from the first bin to the last. */
DEVICE RoiPlace roi_place(RoiAxis a, int k)
{
    const int bin = k / a.samples, i = k - bin * a.samples;
    REAL at = a.start + R(bin) * a.bin + (R(i) + R(0.5)) * a.bin / R(a.samples);
    RoiPlace p;
    p.low = -1;
    p.high = -1;
    p.weight = R(0);
    p.next = R(0);
    if (!(at >= R(-1) && at <= R(a.length))) return p;
    if (at <= R(0)) at = R(0);
    p.low = (int)at;
    if (p.low >= a.length - 1) {
        p.low = a.length - 1;
        p.high = p.low;
        p.weight = R(1);
    } else {
        p.high = p.low + 1;
        p.next = at - R(p.low);
        p.weight = R(1) - p.next;
    }
    return p;
}

#define BOX(r) \
    GLOBAL const REAL* box = boxes_buffer + boxes_offset + 5 * (r); \
    const REAL of = box[0]; \
    const int known = of >= R(0) && of < R(p.images)

#define AXES \
    const RoiAxis v = roi_axis(p, box[2], box[4], scale, (int)p.rows, (int)p.height), h = roi_axis(p, box[1], box[3], scale, (int)p.columns, (int)p.width); \
    const i64 many = (i64)v.samples * h.samples; \
    const REAL share = R(1) / R(many > 1 ? many : 1)

/* One bin of one channel per work item. */
KERNEL(GROUP) roi_align(OUT(REAL, y), IN(REAL, x), IN(REAL, boxes), Roi p, REAL scale, i64 count, FAULTS)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 line = quotient(item, p.columns), plane = quotient(line, p.rows), r = quotient(plane, p.channels);
    const int column = (int)(item - line * p.columns), row = (int)(line - plane * p.rows);
    BOX(r);
    if (!known) {
        FAULT(r, of == of && FABS(of) < R(1000000000) ? (i64)FLOOR(of) : -1);
        return;
    }
    AXES;
    GLOBAL const REAL* from = x_buffer + x_offset + ((i64)of * p.channels + (plane - r * p.channels)) * (p.height * p.width);
    REAL sum = R(0);
    for (int i = row * v.samples; i < (row + 1) * v.samples; i++) {
        const RoiPlace a = roi_place(v, i);
        if (a.low < 0) continue;
        GLOBAL const REAL* low = from + (i64)a.low * p.width;
        GLOBAL const REAL* high = from + (i64)a.high * p.width;
        for (int j = column * h.samples; j < (column + 1) * h.samples; j++) {
            const RoiPlace b = roi_place(h, j);
            if (b.low < 0) continue;
            sum += a.weight * (b.weight * low[b.low] + b.next * low[b.high]) + a.next * (b.weight * high[b.low] + b.next * high[b.high]);
        }
    }
    y_buffer[y_offset + item] = sum * share;
}

/* What a place gives to a pixel. */
DEVICE REAL roi_weight(RoiPlace p, int pixel)
{
    return (p.low == pixel ? p.weight : R(0)) + (p.high == pixel ? p.next : R(0));
}

/* The first place that may read a pixel, and one beyond the last: places lie a bin's size over its samples apart. */
DEVICE int roi_first(RoiAxis a, int pixel)
{
    const REAL at = (R(pixel - 1) - a.start) / (a.bin / R(a.samples)) - R(1.5);
    return !(a.bin > R(0)) || !(at > R(0)) ? 0 : at < R(a.samples * a.bins) ? (int)at : a.samples * a.bins;
}

DEVICE int roi_end(RoiAxis a, int pixel)
{
    const REAL at = (R(pixel + 1) - a.start) / (a.bin / R(a.samples)) + R(1.5);
    return !(a.bin > R(0)) || !(at < R(a.samples * a.bins)) ? a.samples * a.bins : at > R(0) ? (int)at : 0;
}

/* One pixel of one channel of one image per work item. */
KERNEL(GROUP) roi_align_transposed(OUT(REAL, dx), IN(REAL, g), IN(REAL, boxes), Roi p, REAL scale, i64 count, FAULTS)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 line = quotient(item, p.width), plane = quotient(line, p.height), image = quotient(plane, p.channels);
    const int column = (int)(item - line * p.width), row = (int)(line - plane * p.height);
    REAL sum = R(0);
    for (i64 r = 0; r < p.boxes; r++) {
        BOX(r);
        if (!known) {
            FAULT(r, of == of && FABS(of) < R(1000000000) ? (i64)FLOOR(of) : -1);
            return;
        }
        if ((i64)of != image) continue;
        AXES;
        if (many <= 0) continue;
        const int first = roi_first(h, column), end = roi_end(h, column), bottom = roi_end(v, row);
        GLOBAL const REAL* from = g_buffer + g_offset + (r * p.channels + (plane - image * p.channels)) * (p.rows * p.columns);
        for (int i = roi_first(v, row); i < bottom; i++) {
            const REAL down = roi_weight(roi_place(v, i), row) * share;
            if (down == R(0)) continue;
            for (int j = first; j < end; j++) {
                const REAL across = roi_weight(roi_place(h, j), column);
                if (across != R(0)) sum += down * across * from[(i64)(i / v.samples) * p.columns + j / h.samples];
            }
        }
    }
    dx_buffer[dx_offset + item] = sum;
}
