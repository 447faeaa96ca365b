/* LU factors of square matrices with partial pivoting, and what follows from them. Matrices are row-major and follow each other; n is their side.
   lu_factor: one group per matrix, in place: PA = LU, row i of PA being row order[i] of A; L has a diagonal of ones that is not stored. Of equal pivots the first row
   counts. `counts`: signs gets 1 or -1, the determinant of the order. `refuses`: a pivot of 0 is a fault at the matrix. GROUP is a power of two.
   lu_determinant: one work item per matrix: signs, from the determinant of the order, becomes that of the matrix; logarithms gets ln of its magnitude.
   permute_rows: y[.., i, :] = x[.., order[i], :], or y[.., order[i], :] = x[.., i, :] if inverse; one element of rows of m elements per work item. */
KERNEL(GROUP) lu_factor(OUT(REAL, a), OUT(i64, order), OUT(REAL, signs), int n, int counts, int refuses, FAULTS)
{
    SHARED REAL largest[GROUP];
    SHARED int places[GROUP];
    GLOBAL REAL* m = a_buffer + a_offset + GROUP_X * n * n;
    GLOBAL i64* rows = order_buffer + order_offset + GROUP_X * n;
    REAL sign = R(1);
    for (int i = ITEM; i < n; i += GROUP) rows[i] = i;
    GLOBAL_BARRIER();
    for (int k = 0; k < n; k++) {
        REAL top = R(-1);
        int place = k;
        for (int i = k + ITEM; i < n; i += GROUP) {
            const REAL size = FABS(m[i * n + k]);
            if (size > top) {
                top = size;
                place = i;
            }
        }
        largest[ITEM] = top;
        places[ITEM] = place;
        for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
            BARRIER();
            if (ITEM < half_of) {
                const REAL other = largest[ITEM + half_of];
                const int other_place = places[ITEM + half_of];
                if (other > largest[ITEM] || (other == largest[ITEM] && other_place < places[ITEM])) {
                    largest[ITEM] = other;
                    places[ITEM] = other_place;
                }
            }
        }
        BARRIER();
        place = places[0];
        if (place != k) {
            for (int j = ITEM; j < n; j += GROUP) {
                const REAL value = m[k * n + j];
                m[k * n + j] = m[place * n + j];
                m[place * n + j] = value;
            }
            if (ITEM == 0) {
                const i64 row = rows[k];
                rows[k] = rows[place];
                rows[place] = row;
            }
            sign = -sign;
        }
        GLOBAL_BARRIER();
        const REAL pivot = m[k * n + k];
        if (pivot == R(0) && refuses && ITEM == 0) FAULT(GROUP_X, k);
        if (pivot != R(0))
            for (int i = k + 1 + ITEM; i < n; i += GROUP) m[i * n + k] /= pivot;
        GLOBAL_BARRIER();
        const int width = n - k - 1;
        if (pivot != R(0)) {
            for (int e = ITEM; e < width * width; e += GROUP) {
                const int i = k + 1 + e / width, j = k + 1 + e % width;
                m[i * n + j] = FMA(-m[i * n + k], m[k * n + j], m[i * n + j]);
            }
        }
        GLOBAL_BARRIER();
    }
    if (counts && ITEM == 0) signs_buffer[signs_offset + GROUP_X] = sign;
}

KERNEL(GROUP) lu_determinant(OUT(REAL, signs), OUT(REAL, logarithms), IN(REAL, a), i64 matrices, int n)
{
    const i64 matrix = GROUP_X * GROUP + ITEM;
    if (matrix >= matrices) return;
    GLOBAL const REAL* m = a_buffer + a_offset + matrix * n * n;
    REAL sign = signs_buffer[signs_offset + matrix], sum = R(0);
    for (int i = 0; i < n; i++) {
        const REAL pivot = m[i * n + i];
        sign = pivot < R(0) ? -sign : pivot == R(0) ? R(0) : sign;
        sum += real_log(FABS(pivot));
    }
    signs_buffer[signs_offset + matrix] = sign;
    logarithms_buffer[logarithms_offset + matrix] = sum;
}

KERNEL(GROUP) permute_rows(OUT(REAL, y), IN(REAL, x), IN(i64, order), i64 count, i64 n, i64 m, int inverse)
{
    const i64 element = GROUP_X * GROUP + ITEM;
    if (element >= count) return;
    const i64 row = element / m, start = row / n * n * m, there = start + order_buffer[order_offset + row] * m + element % m;
    if (inverse) y_buffer[y_offset + there] = x_buffer[x_offset + element];
    else y_buffer[y_offset + element] = x_buffer[x_offset + there];
}
