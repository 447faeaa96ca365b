/* Solves triangular systems in place: x [matrices, n, m] holds the right sides. One work item per right side, of `columns` in all; neighbours lie side by side.
   t [matrices, n, n] is row-major; if transposed its rows are its columns. lower: what is read of it, after that, is the lower triangle; unit: its diagonal is ones. */
KERNEL(GROUP) triangular_solve(OUT(REAL, x), IN(REAL, t), i64 columns, int n, i64 m, int transposed, int lower, int unit)
{
    const i64 column = GROUP_X * GROUP + ITEM;
    if (column >= columns) return;
    const i64 matrix = column / m;
    GLOBAL REAL* own = x_buffer + x_offset + matrix * n * m + column % m;
    GLOBAL const REAL* a = t_buffer + t_offset + matrix * n * n;
    const int row_step = transposed ? 1 : n, column_step = transposed ? n : 1, first = lower ? 0 : n - 1, step = lower ? 1 : -1;
    for (int k = 0, i = first; k < n; k++, i += step) {
        REAL value = own[i * m];
        for (int q = 0, j = first; q < k; q++, j += step) value = FMA(-a[i * row_step + j * column_step], own[j * m], value);
        own[i * m] = unit ? value : value / a[i * (row_step + column_step)];
    }
}
