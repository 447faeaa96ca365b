/* d[b, i, j] = the distance of x[b, i, :] from y[b, j, :], for x [.., p, length] and y [.., r, length]: the root of the sum of squared differences, or the sum of their
   magnitudes where MANHATTAN is 1. A group compares TILE rows of x with TILE rows of y, a pair per work item, and reads them TILE elements at a time; GROUP is
   TILE * TILE. `down` and `across` count the tiles of one matrix of distances. */
#define PITCH (TILE + 1)    /* so that the rows of y, which neighbours read, lie in different banks */

KERNEL(GROUP) pairwise_distance(OUT(REAL, d), IN(REAL, x), IN(REAL, y), i64 p, i64 r, i64 length, i64 down, i64 across)
{
    SHARED REAL xs[TILE * PITCH];
    SHARED REAL ys[TILE * PITCH];
    const i64 matrix = GROUP_X / (down * across), tile = GROUP_X - matrix * down * across;
    const int row = ITEM / TILE, column = ITEM % TILE;
    const i64 i0 = tile / across * TILE, j0 = tile % across * TILE, i = i0 + row, j = j0 + column;
    GLOBAL const REAL* from = x_buffer + x_offset + (matrix * p + (i < p ? i : p - 1)) * length;
    GLOBAL const REAL* to = y_buffer + y_offset + (matrix * r + (j0 + row < r ? j0 + row : r - 1)) * length;
    REAL total = R(0);
    for (i64 start = 0; start < length; start += TILE) {
        const int inside = start + column < length;
        xs[row * PITCH + column] = inside ? from[start + column] : R(0);
        ys[row * PITCH + column] = inside ? to[start + column] : R(0);
        BARRIER();
        REAL part = R(0);
        for (int k = 0; k < TILE; k++) {
            const REAL difference = xs[row * PITCH + k] - ys[column * PITCH + k];
#if MANHATTAN
            part += FABS(difference);
#else
            part = FMA(difference, difference, part);
#endif
        }
        total += part;
        BARRIER();
    }
#if !MANHATTAN
    total = SQRT(total);
#endif
    if (i < p && j < r) d_buffer[d_offset + (matrix * p + i) * r + j] = total;
}
