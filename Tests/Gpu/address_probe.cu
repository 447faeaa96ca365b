/* Where a buffer lies, as the device sees it. */
KERNEL(GROUP) address_probe(OUT(i64, y), IN(u8, x))
{
    if (ITEM == 0) y_buffer[y_offset] = (i64)x_buffer;
}
