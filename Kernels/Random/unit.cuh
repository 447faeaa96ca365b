/* From a random word to a number in [0, 1): a float takes the upper 24 bits, a number of twice that size all 32. UNIT_STEP is the distance of two neighbours. */
#if REAL_DOUBLE
#define UNIT_STEP R(2.3283064365386962890625e-10)
DEVICE REAL unit_number(u32 word) { return R(word) * UNIT_STEP; }
#else
#define UNIT_STEP R(5.9604644775390625e-8)
DEVICE REAL unit_number(u32 word) { return R((int)(word >> 8)) * UNIT_STEP; }
#endif
