/* Losses of predictions x and targets t, element by element, and their gradient by x. loss_value(x, t, c) and loss_slope(x, t, c) are written out from the CPU's
   formulas; c is the loss's parameter. All operands are runs of count elements; `weighted` says that w has a factor for each.
   element_loss: the losses, one per work item.
   element_loss_sum: for each group the sum of its losses, in `partials`. An item takes elements that lie a whole launch apart and adds up BLOCK of them before they
   join its total, of the type ACCUMULATE. GROUP is a power of two.
   element_loss_gradient: dx = slope * w * g * scale, where g has a number per element or one for all. */
#define BLOCK 32
#define WEIGHTED(value) (weighted ? (value) * w_buffer[w_offset + i] : (value))

KERNEL(GROUP) element_loss(OUT(REAL, y), IN(REAL, x), IN(REAL, t), IN(REAL, w), i64 count, REAL c, int weighted)
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const REAL loss = loss_value(x_buffer[x_offset + i], t_buffer[t_offset + i], c);
    y_buffer[y_offset + i] = WEIGHTED(loss);
}

KERNEL(GROUP) element_loss_sum(OUT(ACCUMULATE, partials), IN(REAL, x), IN(REAL, t), IN(REAL, w), i64 count, REAL c, int weighted)
{
    SHARED ACCUMULATE shared_sums[GROUP];
    const i64 step = GROUPS_X * GROUP;
    ACCUMULATE total = (ACCUMULATE)0;
    for (i64 i = GROUP_X * GROUP + ITEM; i < count;) {
        REAL part = R(0);
        for (int k = 0; k < BLOCK && i < count; k++, i += step) {
            const REAL loss = loss_value(x_buffer[x_offset + i], t_buffer[t_offset + i], c);
            part += WEIGHTED(loss);
        }
        total += (ACCUMULATE)part;
    }
    shared_sums[ITEM] = total;
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        BARRIER();
        if (ITEM < half_of) shared_sums[ITEM] += shared_sums[ITEM + half_of];
    }
    if (ITEM == 0) partials_buffer[partials_offset + GROUP_X] = shared_sums[0];
}

KERNEL(GROUP) element_loss_gradient(OUT(REAL, dx), IN(REAL, g), IN(REAL, x), IN(REAL, t), IN(REAL, w), i64 count, REAL c, REAL scale, int per_element, int weighted)
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const REAL slope = loss_slope(x_buffer[x_offset + i], t_buffer[t_offset + i], c), gamma = g_buffer[g_offset + (per_element ? i : 0)] * scale;
    dx_buffer[dx_offset + i] = WEIGHTED(slope) * gamma;
}
