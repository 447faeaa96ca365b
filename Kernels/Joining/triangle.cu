/* y = x on one side of a diagonal of each matrix, 0 elsewhere: columns j >= i + diagonal of row i where `upper` is 1, else j <= i + diagonal.
   x and y are row-major; a work item takes one element. T moves elements as bits; INDEX is int, or i64 where positions need it. */
KERNEL(GROUP) triangle(OUT(T, y), IN(T, x), i64 count, i64 rows, i64 columns, i64 diagonal, int upper)
{
    i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    INDEX row = (INDEX)item / (INDEX)columns, column = (INDEX)item - row * (INDEX)columns, edge = row % (INDEX)rows + (INDEX)diagonal;
    int keep = upper ? column >= edge : column <= edge;
    y_buffer[y_offset + item] = keep ? x_buffer[x_offset + item] : (T)0;
}
