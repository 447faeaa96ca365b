/* The largest number of each of rows * columns bins of boxes [boxes, 5] of (image, left, top, right, bottom) on images x [images, channels, height, width], all
   row-major, and where in x it was, counted through: the first one of equals, the last one of NaNs, which count as largest; 0 and -1 for a bin without pixels. One
   bin of one channel per work item. A box of an image that is not there is a fault. */
#include "windows.cuh"

#define FAR 536870912

typedef struct { i64 images, channels, height, width, rows, columns; } Roi;

DEVICE int roi_rounded(REAL coordinate, REAL scale)
{
    const REAL at = FLOOR(coordinate * scale + R(0.5));
    return !(at > R(-FAR)) ? -FAR : at > R(FAR) ? FAR : (int)at;
}

DEVICE int roi_inside(i64 at, i64 limit) { return (int)(at < 0 ? 0 : at > limit ? limit : at); }

KERNEL(GROUP) roi_pool(OUT(REAL, y), OUT(i64, index), IN(REAL, x), IN(REAL, boxes), Roi p, REAL scale, i64 count, FAULTS)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 line = quotient(item, p.columns), plane = quotient(line, p.rows), r = quotient(plane, p.channels);
    const i64 column = item - line * p.columns, row = line - plane * p.rows;
    GLOBAL const REAL* box = boxes_buffer + boxes_offset + 5 * r;
    const REAL of = box[0];
    if (!(of >= R(0) && of < R(p.images))) {
        FAULT(r, of == of && FABS(of) < R(1000000000) ? (i64)FLOOR(of) : -1);
        return;
    }
    const int left = roi_rounded(box[1], scale), top = roi_rounded(box[2], scale);
    const int across = roi_rounded(box[3], scale) - left + 1, down = roi_rounded(box[4], scale) - top + 1;
    const i64 width = across > 1 ? across : 1, height = down > 1 ? down : 1;
    const int first = roi_inside(left + column * width / p.columns, p.width), end = roi_inside(left + ((column + 1) * width + p.columns - 1) / p.columns, p.width);
    const int low = roi_inside(top + row * height / p.rows, p.height), high = roi_inside(top + ((row + 1) * height + p.rows - 1) / p.rows, p.height);
    const i64 start = ((i64)of * p.channels + (plane - r * p.channels)) * (p.height * p.width);
    REAL most = -INFINITE;
    i64 place = -1;
    for (i64 i = low; i < high; i++) {
        for (i64 j = first; j < end; j++) {
            const i64 at = start + i * p.width + j;
            const REAL value = x_buffer[x_offset + at];
            const int more = place < 0 || most < value || value != value;
            most = more ? value : most;
            place = more ? at : place;
        }
    }
    y_buffer[y_offset + item] = place < 0 ? R(0) : most;
    if (index_buffer) index_buffer[index_offset + item] = place;
}
