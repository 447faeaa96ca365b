/* Many tensors as one list of parts, CHUNK elements each; a group takes one part. With TABLE, the tensors' addresses and numbers stand in memory, so that one launch
   is enough for all of them, and nothing that changes from step to step is an argument. Without (OpenCL, whose buffers have no addresses), a launch takes one tensor. */
#define CHUNK (GROUP * ITEMS)

#if TABLE
typedef struct {
    u64 x, g, first, second, third;     /* addresses; 0 for what the formula does not take */
    i64 start, count;                   /* the tensor's first part, and its number of elements */
    REAL n[8];
} Piece;

/* The last piece that starts at or before a part. */
DEVICE i64 piece_of(GLOBAL const Piece* pieces, i64 count, i64 part)
{
    i64 low = 0, high = count - 1;
    while (low < high) {
        i64 middle = (low + high + 1) >> 1;
        if (pieces[middle].start <= part) low = middle;
        else high = middle - 1;
    }
    return low;
}
#endif
