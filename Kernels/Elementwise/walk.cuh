/* Where the elements of up to four operands lie: the output's dimensions, the largest stride first, neighbours merged where every operand allows it. */
typedef struct {
    i64 count, rank;
    i64 length[8];
    i64 stride[8][4];   /* [dimension][operand], in elements; operand 0 is the output */
} Walk;
