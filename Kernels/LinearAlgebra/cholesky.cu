/* y = the lower triangular factor of the symmetric part of a, for row-major matrices of side n that follow each other. One group per matrix.
   A matrix that is not positive definite is a fault. */
KERNEL(GROUP) cholesky(OUT(REAL, y), IN(REAL, a), int n, FAULTS)
{
    GLOBAL REAL* m = y_buffer + y_offset + GROUP_X * n * n;
    GLOBAL const REAL* given = a_buffer + a_offset + GROUP_X * n * n;
    for (int e = ITEM; e < n * n; e += GROUP) {
        const int i = e / n, j = e % n;
        m[e] = j <= i ? R(0.5) * (given[i * n + j] + given[j * n + i]) : R(0);
    }
    GLOBAL_BARRIER();
    for (int k = 0; k < n; k++) {
        const REAL diagonal = m[k * n + k], root = SQRT(diagonal);
        if (!(diagonal > R(0)) && ITEM == 0) FAULT(GROUP_X, k);
        GLOBAL_BARRIER();
        for (int i = k + ITEM; i < n; i += GROUP) m[i * n + k] = i == k ? root : m[i * n + k] / root;
        GLOBAL_BARRIER();
        const int width = n - k - 1;
        for (int e = ITEM; e < width * width; e += GROUP) {
            const int i = k + 1 + e / width, j = k + 1 + e % width;
            if (j <= i) m[i * n + j] = FMA(-m[i * n + k], m[j * n + k], m[i * n + j]);
        }
        GLOBAL_BARRIER();
    }
}
