/* Where an item lies among planes of [depths, heights, widths]: its plane, and at_d, at_h, at_w in it. Needs windows.cuh. */
#define PLACE3(item, depths, heights, widths) \
    const i64 plane = quotient(item, (depths) * (heights) * (widths)); \
    const int within = (int)((item) - plane * ((depths) * (heights) * (widths))), row_of = within / (int)(widths), at_w = within - row_of * (int)(widths), \
        at_d = row_of / (int)(heights), at_h = row_of - at_d * (int)(heights)
