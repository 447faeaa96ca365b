/* The backward pass of running products along lines: dx_k = L_k R_k with L_k the product of the elements before k, R_k = g_k + x_(k+1) R_(k+1), counted from the last
   element if reversed. A work item takes a line, `length` elements that are `inner` apart: there with L, which waits in dx, and back with R. TOTAL: the type of both. */
KERNEL(GROUP) cumulative_product_gradient(OUT(REAL, dx), IN(REAL, g), IN(REAL, x), i64 lines, i64 length, i64 inner, int reversed)
{
    const i64 line = GROUP_X * GROUP + ITEM;
    if (line >= lines) return;
    const i64 first = line / inner * length * inner + line % inner, step = reversed ? -inner : inner;
    AT(GLOBAL REAL*, dx);
    i64 at = reversed ? first + (length - 1) * inner : first;
    TOTAL left = (TOTAL)1, right = (TOTAL)0;
    for (i64 k = 0; k < length; k++, at += step) {
        dx[at] = (REAL)left;
        left *= (TOTAL)x_buffer[x_offset + at];
    }
    for (i64 k = 0; k < length; k++) {
        at -= step;
        right += (TOTAL)g_buffer[g_offset + at];
        dx[at] = (REAL)((TOTAL)dx[at] * right);
        right *= (TOTAL)x_buffer[x_offset + at];
    }
}
