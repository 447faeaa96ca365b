/* One position of a recurrence, after the product u = h W' + bias: the gates, and backwards their gradients, before the product of those.
   A work item takes one of the rows * hidden numbers of the state. y, g, kept, cells, x, dx, du start at the position; GATES, KEPT: numbers per number of the state;
   CELL: there is a cell state; SPLIT: dx and du differ. masked: at positions from lengths[row] on the state stays as it is and y is 0.
   recurrent_step: h and c are read and replaced. keeps: whether kept and cells are wanted.
   recurrent_step_gradient: dh and dc, the running gradients, are read and replaced, dh without the product's part; h_before, c_before: the states of the step
   before; at a sequence's first position h0 and c0 stand for them, and du goes to d_first as well. */

KERNEL(GROUP) recurrent_step(OUT(REAL, y), OUT(REAL, h), OUT(REAL, c), OUT(REAL, kept), OUT(REAL, cells), IN(REAL, x), IN(REAL, u), IN(i64, lengths),
    i64 position, i64 rows, i64 hidden, int keeps, int masked)
{
    AT(GLOBAL REAL*, y); AT(GLOBAL REAL*, h); AT(GLOBAL REAL*, c); AT(GLOBAL REAL*, kept); AT(GLOBAL REAL*, cells);
    AT(GLOBAL const REAL*, x); AT(GLOBAL const REAL*, u); AT(GLOBAL const i64*, lengths);
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= rows * hidden) return;
    const i64 row = i / hidden, column = i - row * hidden;
    const i64 product = row * hidden * GATES + column, keep = row * hidden * KEPT + column;
    REAL k[4], xs[4], us[4];
    if (masked && position >= lengths[row]) {
        y[i] = R(0);
        if (keeps) {
            for (int j = 0; j < KEPT; j++) kept[keep + j * hidden] = R(0);
#if CELL
            cells[i] = R(0);
#endif
        }
        return;
    }

    for (int j = 0; j < 4; j++) {
        xs[j] = j < GATES ? x[product + j * hidden] : R(0);
        us[j] = j < GATES ? u[product + j * hidden] : R(0);
    }
#if CELL
    const REAL before = c[i];
#else
    const REAL before = R(0);
#endif
    const ForwardResults results = forward_step(xs[0], xs[1], xs[2], xs[3], us[0], us[1], us[2], us[3], h[i], before);
    y[i] = results.h;
    h[i] = results.h;
#if CELL
    c[i] = results.c;
    if (keeps) cells[i] = results.c;
#endif
    if (!keeps) return;
    k[0] = results.k0; k[1] = results.k1; k[2] = results.k2; k[3] = results.k3;
    for (int j = 0; j < KEPT; j++) kept[keep + j * hidden] = k[j];
}

KERNEL(GROUP) recurrent_step_gradient(OUT(REAL, dx), OUT(REAL, du), OUT(REAL, d_first), OUT(REAL, dh), OUT(REAL, dc), IN(REAL, g), IN(REAL, y), IN(REAL, h_before),
    IN(REAL, h0), IN(REAL, kept), IN(REAL, cells), IN(REAL, c_before), IN(REAL, c0), IN(i64, lengths), i64 position, i64 steps, i64 rows, i64 hidden, int reverse, int masked)
{
    AT(GLOBAL REAL*, dx); AT(GLOBAL REAL*, du); AT(GLOBAL REAL*, d_first); AT(GLOBAL REAL*, dh); AT(GLOBAL REAL*, dc);
    AT(GLOBAL const REAL*, g); AT(GLOBAL const REAL*, y); AT(GLOBAL const REAL*, h_before); AT(GLOBAL const REAL*, h0); AT(GLOBAL const REAL*, kept);
    AT(GLOBAL const REAL*, cells); AT(GLOBAL const REAL*, c_before); AT(GLOBAL const REAL*, c0); AT(GLOBAL const i64*, lengths);
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= rows * hidden) return;
    const i64 row = i / hidden, column = i - row * hidden;
    const i64 product = row * hidden * GATES + column, keep = row * hidden * KEPT + column;
    const i64 length = masked ? lengths[row] : steps;
    if (position >= length) {
        for (int j = 0; j < GATES; j++) {
            dx[product + j * hidden] = R(0);
#if SPLIT
            du[product + j * hidden] = R(0);
#endif
        }
        return;
    }

    const int first = position == (reverse ? length - 1 : 0);
    REAL k[4], to_input[4], to_state[4];
    for (int j = 0; j < 4; j++) k[j] = j < KEPT ? kept[keep + j * hidden] : R(0);
#if CELL
    const REAL before = first ? c0[i] : c_before[i], after = cells[i], arrived = dc[i];
#else
    const REAL before = R(0), after = R(0), arrived = R(0);
#endif
    const BackwardResults results = backward_step(k[0], k[1], k[2], k[3], y[i], first ? h0[i] : h_before[i], before, after, dh[i] + g[i], arrived);
    dh[i] = results.h;
#if CELL
    dc[i] = results.c;
#endif
    to_input[0] = results.x0; to_input[1] = results.x1; to_input[2] = results.x2; to_input[3] = results.x3;
    to_state[0] = results.u0; to_state[1] = results.u1; to_state[2] = results.u2; to_state[3] = results.u3;
    for (int j = 0; j < GATES; j++) {
        dx[product + j * hidden] = to_input[j];
#if SPLIT
        du[product + j * hidden] = to_state[j];
#endif
        if (first) d_first[product + j * hidden] = to_state[j];
    }
}
