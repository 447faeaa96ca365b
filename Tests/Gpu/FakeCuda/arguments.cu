/* Kernels that the tests' driver without a GPU runs by itself; here for their names and parameters. One work item does everything. */
typedef struct { i64 first; u32 second; i64 third; } Three;

/* Writes its arguments behind each other into y, each at a multiple of 8 bytes. */
KERNEL(GROUP) note_arguments(OUT(u8, y), int a, double b, i64 c, u8 d, Three e, i64 f)
{
    if (ITEM == 0) y_buffer[y_offset] = (u8)(a + (int)b + (int)c + d + (int)e.first + (int)f);
}

/* y[i] += 1 */
KERNEL(GROUP) add_one(OUT(float, y), i64 count)
{
    if (ITEM == 0)
        for (i64 i = 0; i < count; i++) y_buffer[y_offset + i] += 1.0f;
}

/* Finds -7 at position 5. */
KERNEL(GROUP) find_fault(FAULTS) { if (ITEM == 0) FAULT(5, -7); }
