/* Images x [images, channels, height, width] read at the places of a grid [images, places, 2], whose coordinates go from -1 to 1; and the transpose. Everything is
   row-major, an image has fewer than 2^31 pixels. A place reads four neighbours, or one; orders of 1 differentiate their weights by a coordinate. The formulas are
   GridAxis. */
#include "windows.cuh"

typedef struct {
    i64 images, channels, height, width, places;
    i64 linear, border, aligned, order_x, order_y;      /* border: 0 zeros, 1 mirrored, 2 the outermost pixels */
} Sampling;

/* Elements first and first + 1 with their weights; first is -2 if nothing is read. */
typedef struct { int first; REAL weight, next; } GridAxis;

DEVICE GridAxis grid_axis(Sampling p, REAL at, int size, int order)
{
    const REAL length = R(size), end = R(size - 1);
    REAL slope = (p.aligned ? end : length) * R(0.5), place = p.aligned ? (at + R(1)) * R(0.5) * end : ((at + R(1)) * length - R(1)) * R(0.5);
    if (p.border == 1) {
        const REAL low = p.aligned ? R(0) : R(-0.5), span = p.aligned ? end : length;
        if (span == R(0)) place = R(0);
        else {
            REAL away = place - low;
            if (away < R(0)) { away = -away; slope = -slope; }
            const REAL flips = FLOOR(away / span), extra = away - flips * span, half_of = flips * R(0.5);
            if (half_of == FLOOR(half_of)) place = extra + low;
            else { place = span - extra + low; slope = -slope; }
        }
    }
    if (p.border != 0) {
        if (!(place > R(0))) { place = R(0); slope = R(0); }
        else if (place >= end) { place = end; slope = R(0); }
    }
    GridAxis a;
    a.first = -2;
    a.weight = R(0);
    a.next = R(0);
    if (!(place > R(-1.5) && place < length + R(0.5))) return a;
    if (!p.linear) {
        a.first = (int)RINT(place);
        a.weight = order == 0 ? R(1) : R(0);
        if (a.first < 0 || a.first >= size) a.first = -2;
        return a;
    }
    const REAL below = FLOOR(place), part = place - below;
    a.first = (int)below;
    a.weight = order == 0 ? R(1) - part : -slope;
    a.next = order == 0 ? part : slope;
    return a;
}

DEVICE int grid_pixel(Sampling p, int column, int row)
{
    return column >= 0 && column < (int)p.width && row >= 0 && row < (int)p.height ? row * (int)p.width + column : -1;
}

/* One place of all channels per work item. */
KERNEL(GROUP) grid_sample(OUT(REAL, y), IN(REAL, x), IN(REAL, grid), Sampling p)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= p.images * p.places) return;
    const i64 image = quotient(item, p.places), place = item - image * p.places, pixels = p.height * p.width;
    const GridAxis h = grid_axis(p, grid_buffer[grid_offset + 2 * item], (int)p.width, (int)p.order_x);
    const GridAxis v = grid_axis(p, grid_buffer[grid_offset + 2 * item + 1], (int)p.height, (int)p.order_y);
    const int a = grid_pixel(p, h.first, v.first), b = p.linear ? grid_pixel(p, h.first + 1, v.first) : -1;
    const int c = p.linear ? grid_pixel(p, h.first, v.first + 1) : -1, d = p.linear ? grid_pixel(p, h.first + 1, v.first + 1) : -1;
    GLOBAL const REAL* from = x_buffer + x_offset + image * p.channels * pixels;
    GLOBAL REAL* to = y_buffer + y_offset + image * p.channels * p.places + place;
    for (i64 channel = 0; channel < p.channels; channel++, from += pixels, to += p.places) {
        REAL sum = R(0);
        if (a >= 0) sum += h.weight * v.weight * from[a];
        if (b >= 0) sum += h.next * v.weight * from[b];
        if (c >= 0) sum += h.weight * v.next * from[c];
        if (d >= 0) sum += h.next * v.next * from[d];
        *to = sum;
    }
}

#define READ(tap, column, row, value) \
    do { const int pixel = grid_pixel(p, column, row); pixels[tap] = pixel < 0 ? p.height * p.width : pixel; weights[tap] = value; } while (0)

/* What a place reads: pixels, or the number of pixels for what lies outside, and weights; one place per work item. */
KERNEL(GROUP) grid_find(OUT(i64, pixels), OUT(REAL, weights), IN(REAL, grid), Sampling p)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= p.images * p.places) return;
    const GridAxis h = grid_axis(p, grid_buffer[grid_offset + 2 * item], (int)p.width, (int)p.order_x);
    const GridAxis v = grid_axis(p, grid_buffer[grid_offset + 2 * item + 1], (int)p.height, (int)p.order_y);
    GLOBAL i64* pixels = pixels_buffer + pixels_offset + (p.linear ? 4 * item : item);
    GLOBAL REAL* weights = weights_buffer + weights_offset + (p.linear ? 4 * item : item);
    READ(0, h.first, v.first, h.weight * v.weight);
    if (!p.linear) return;
    READ(1, h.first + 1, v.first, h.next * v.weight);
    READ(2, h.first, v.first + 1, h.weight * v.next);
    READ(3, h.first + 1, v.first + 1, h.next * v.next);
}

/* Where in the order of pixels each pixel's reads begin, and last where what lies outside begins; `length` numbers per image. */
KERNEL(GROUP) grid_starts(OUT(i64, starts), IN(i64, pixels), IN(i64, order), i64 reads, i64 length, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 image = quotient(item, length), pixel = item - image * length;
    GLOBAL const i64* places = pixels_buffer + pixels_offset + image * reads;
    GLOBAL const i64* sorted = order_buffer + order_offset + image * reads;
    i64 low = 0, high = reads;
    while (low < high) {
        const i64 middle = (low + high) / 2;
        if (places[sorted[middle]] < pixel) low = middle + 1;
        else high = middle;
    }
    starts_buffer[starts_offset + item] = low;
}

/* dx = the weighted sum of the gradients g of those places that read the pixel; one pixel of one channel per work item. */
KERNEL(GROUP) grid_collect(OUT(REAL, dx), IN(REAL, g), IN(REAL, weights), IN(i64, order), IN(i64, starts), Sampling p, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 pixels = p.height * p.width, plane = quotient(item, pixels), pixel = item - plane * pixels, image = quotient(plane, p.channels);
    const i64 reads = p.linear ? 4 * p.places : p.places;
    GLOBAL const i64* start = starts_buffer + starts_offset + image * (pixels + 1) + pixel;
    GLOBAL const i64* sorted = order_buffer + order_offset + image * reads;
    GLOBAL const REAL* weight = weights_buffer + weights_offset + image * reads;
    GLOBAL const REAL* from = g_buffer + g_offset + plane * p.places;
    REAL sum = R(0);
    for (i64 i = start[0]; i < start[1]; i++) {
        const i64 read = sorted[i];
        sum += weight[read] * from[p.linear ? read >> 2 : read];
    }
    dx_buffer[dx_offset + item] = sum;
}
