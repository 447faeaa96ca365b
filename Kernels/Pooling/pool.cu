/* Pooling over planes [height, width] to [out_height, out_width], all operands row-major. One element of the result per work item; its `count` elements are
   numbered over all planes. The gradients gather: an element of the image looks through the windows that cover it, row after row, so the order of its sum is
   fixed and nothing is added to memory. POSITION is the type of positions within a window: u8, or int for windows of more than 256 elements. */
#include "windows.cuh"

/* How many elements of window i count along an axis: those on it, and of its border as many as `border` says. */
DEVICE int counted(int i, int size, int stride, int padding, int length, int border)
{
    const int start = i * stride - padding, end = start + size;
    return (end < length + border ? end : length + border) - (start > -border ? start : -border);
}

/* An item's place among planes of `rows` * `columns`. */
#define PLACE(item, rows, columns) \
    const i64 plane = quotient(item, (rows) * (columns)); \
    const int within = (int)((item) - plane * ((rows) * (columns))), row = within / (int)(columns), column = within - row * (int)(columns)

/* y = the largest of each window, NaN counting as largest, and where `keeps` its position in the window: the first one of equals, the last one of NaNs. */
KERNEL(GROUP) pool_max(OUT(REAL, y), OUT(POSITION, positions), IN(REAL, x), Windows w, i64 count, int keeps)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE(item, w.out_height, w.out_width);
    const int height = (int)w.height, width = (int)w.width, size_v = (int)w.size_v, size_h = (int)w.size_h;
    const int top = row * (int)w.stride_v - (int)w.padding_v, left = column * (int)w.stride_h - (int)w.padding_h;
    GLOBAL const REAL* from = x_buffer + x_offset + plane * (w.height * w.width);
    REAL most = -INFINITE;
    int position = 0;
    for (int r = 0; r < size_v; r++) {
        const int i = top + r * (int)w.dilation_v;
        if (i < 0 || i >= height) continue;
        for (int s = 0; s < size_h; s++) {
            const int j = left + s * (int)w.dilation_h;
            if (j < 0 || j >= width) continue;
            const REAL value = from[i * width + j];
            const int more = most < value || value != value;
            most = more ? value : most;
            position = more ? r * size_h + s : position;
        }
    }
    y_buffer[y_offset + item] = most;
    if (keeps) positions_buffer[positions_offset + item] = (POSITION)position;
}

/* y = the element of each window at a given position; 0 in the border. A position that the window does not have counts as its first. */
KERNEL(GROUP) pool_pick(OUT(REAL, y), IN(POSITION, positions), IN(REAL, x), Windows w, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE(item, w.out_height, w.out_width);
    const int height = (int)w.height, width = (int)w.width, size_h = (int)w.size_h;
    const int given = (int)positions_buffer[positions_offset + item], position = given < 0 || given >= (int)w.size_v * size_h ? 0 : given;
    const int r = position / size_h, s = position - r * size_h;
    const int i = row * (int)w.stride_v - (int)w.padding_v + r * (int)w.dilation_v, j = column * (int)w.stride_h - (int)w.padding_h + s * (int)w.dilation_h;
    const int inside = i >= 0 && i < height && j >= 0 && j < width;
    y_buffer[y_offset + item] = inside ? x_buffer[x_offset + plane * (w.height * w.width) + i * width + j] : R(0);
}

/* y = the mean of each window (dilation 1): its sum over the number of elements that count. */
KERNEL(GROUP) pool_average(OUT(REAL, y), IN(REAL, x), Windows w, i64 count, int counts_padding)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE(item, w.out_height, w.out_width);
    const int height = (int)w.height, width = (int)w.width, size_v = (int)w.size_v, size_h = (int)w.size_h;
    const int top = row * (int)w.stride_v - (int)w.padding_v, left = column * (int)w.stride_h - (int)w.padding_h;
    const int first_row = top < 0 ? 0 : top, end_row = top + size_v < height ? top + size_v : height;
    const int first = left < 0 ? 0 : left, end = left + size_h < width ? left + size_h : width;
    GLOBAL const REAL* from = x_buffer + x_offset + plane * (w.height * w.width);
    REAL sum = R(0);
    for (int i = first_row; i < end_row; i++)
        for (int j = first; j < end; j++) sum += from[i * width + j];
    const int rows = counted(row, size_v, (int)w.stride_v, (int)w.padding_v, height, counts_padding ? (int)w.padding_v : 0);
    const int columns = counted(column, size_h, (int)w.stride_h, (int)w.padding_h, width, counts_padding ? (int)w.padding_h : 0);
    y_buffer[y_offset + item] = sum / (R(rows) * R(columns));
}

/* dx = the sum of the gradients g of those windows whose maximum was there. */
KERNEL(GROUP) pool_max_gradient(OUT(REAL, dx), IN(REAL, g), IN(POSITION, positions), Windows w, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE(item, w.height, w.width);
    const int stride_v = (int)w.stride_v, stride_h = (int)w.stride_h, padding_v = (int)w.padding_v, padding_h = (int)w.padding_h;
    const int dilation_v = (int)w.dilation_v, dilation_h = (int)w.dilation_h, size_h = (int)w.size_h, out_width = (int)w.out_width;
    const int first_i = first_window(row, (int)w.size_v, stride_v, padding_v, dilation_v), last_i = last_window(row, stride_v, padding_v, (int)w.out_height);
    const int first_j = first_window(column, size_h, stride_h, padding_h, dilation_h), last_j = last_window(column, stride_h, padding_h, out_width);
    GLOBAL const REAL* from = g_buffer + g_offset + plane * (w.out_height * w.out_width);
    GLOBAL const POSITION* at = positions_buffer + positions_offset + plane * (w.out_height * w.out_width);
    REAL sum = R(0);
    for (int i = first_i; i <= last_i; i++) {
        const int down = row + padding_v - i * stride_v, r = down / dilation_v;
        if (r * dilation_v != down) continue;
        for (int j = first_j; j <= last_j; j++) {
            const int across = column + padding_h - j * stride_h, s = across / dilation_h;
            if (s * dilation_h == across && (int)at[i * out_width + j] == r * size_h + s) sum += from[i * out_width + j];
        }
    }
    dx_buffer[dx_offset + item] = sum;
}

/* dx = the sum of equal parts of the gradients g of the windows that cover the element. */
KERNEL(GROUP) pool_average_gradient(OUT(REAL, dx), IN(REAL, g), Windows w, i64 count, int counts_padding)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    PLACE(item, w.height, w.width);
    const int size_v = (int)w.size_v, size_h = (int)w.size_h, stride_v = (int)w.stride_v, stride_h = (int)w.stride_h, padding_v = (int)w.padding_v, padding_h = (int)w.padding_h;
    const int out_width = (int)w.out_width, border_v = counts_padding ? padding_v : 0, border_h = counts_padding ? padding_h : 0;
    const int first_i = first_window(row, size_v, stride_v, padding_v, 1), last_i = last_window(row, stride_v, padding_v, (int)w.out_height);
    const int first_j = first_window(column, size_h, stride_h, padding_h, 1), last_j = last_window(column, stride_h, padding_h, out_width);
    GLOBAL const REAL* from = g_buffer + g_offset + plane * (w.out_height * w.out_width);
    REAL sum = R(0);
    for (int i = first_i; i <= last_i; i++) {
        const REAL rows = R(counted(i, size_v, stride_v, padding_v, (int)w.height, border_v));
        for (int j = first_j; j <= last_j; j++)
            sum += from[i * out_width + j] / (rows * R(counted(j, size_h, stride_h, padding_h, (int)w.width, border_h)));
    }
    dx_buffer[dx_offset + item] = sum;
}
