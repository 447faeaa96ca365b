/* A convolution, or its gradient with respect to the input, as one matrix product whose right-hand matrix exists nowhere: its columns, what one pixel of the result
   reads, are gathered from the source while a slice of them is brought into shared memory.

     forward   y [filters, pixels of all images]   = weight [filters, channels * taps] . columns of x, plus bias
     backward  dx [channels, pixels of all images] = weight, turned [channels, filters * taps] . columns of g

   Backward a pixel gathers: it looks for the windows that read it. With a stride of S only every S-th element of the filter reaches a pixel, which ones depends on
   the pixel's place modulo S alone: its phase. A group takes pixels of one phase, for which the product is that of stride 1 with part of the filter, so no term
   is computed that is not there. Forward there is one phase.

   All operands are row-major. Groups along x: tiles of the result, rows innermost, then phases, then the convolution's groups; along y: parts of K, whose sums
   go to a temporary of `parts` results, without bias, which add_parts.cu adds up. GROUP, tiles and RUN: see implicit_gemm.cuh. */
#include "windows.cuh"
#include "implicit_gemm.cuh"

typedef struct {
    i64 images, groups;
    i64 rows, planes;               /* of a group: planes of the result, and of the source */
    i64 backward;
    i64 depth, step_part;           /* terms of K per part, a multiple of TILE_K; elements from part to part */
    i64 biased;
    Windows w;
} Implicit;

/* One axis of one phase: pixel u of the phase lies at `result + u * result_step` of the result, and reads for number a of `count` elements of the filter, which is
   element `tap + a * tap_step`, the source at `u * walk + base + a * step`. */
typedef struct { int pixels, result, result_step, walk, base, step, count, tap, tap_step; } Axis;

DEVICE Axis axis_forward(int positions, int size, int stride, int padding, int dilation)
{
    Axis a;
    a.pixels = positions; a.result = 0; a.result_step = 1;
    a.walk = stride; a.base = -padding; a.step = dilation;
    a.count = size; a.tap = 0; a.tap_step = 1;
    return a;
}

DEVICE Axis axis_backward(int phase, int length, int size, int stride, int padding, int dilation)
{
    /* Every `period`-th element of the filter has the same phase. */
    int period = 1, tap = 0;
    while (period * dilation % stride != 0) period++;
    while (tap < period && (phase + padding - tap * dilation) % stride != 0) tap++;
    Axis a;
    a.pixels = phase < length ? (length - phase + stride - 1) / stride : 0; a.result = phase; a.result_step = stride;
    a.walk = 1; a.base = (phase + padding - tap * dilation) / stride; a.step = -(period * dilation / stride);
    a.count = tap < period && tap < size ? (size - tap + period - 1) / period : 0; a.tap = tap; a.tap_step = period;
    return a;
}

/* Term k of the product: plane q of the source, elements a and b of the filter. */
typedef struct { int q, a, b; } Term;

/* What term k reads: an element of the weight, and of the source, relative to the row's and the pixel's; and where in the plane. */
typedef struct { i64 weight, source; int row, column; } Entry;

KERNEL(GROUP) implicit_gemm(OUT(REAL, y), IN(REAL, weight), IN(REAL, x), IN(REAL, bias), Implicit p)
{
    SHARED __attribute__((aligned(16))) REAL slices_a[2 * TILE_K * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL slices_b[2 * TILE_K * PITCH_B];
    SHARED Entry entries[2 * TILE_K];
    SHARED i64 places[TILE_N];      /* of the tile's pixels in the result; -1 beyond the last one */

    const int backward = (int)p.backward, taps = (int)(p.w.size_v * p.w.size_h);
    const int source_height = (int)(backward ? p.w.out_height : p.w.height), source_width = (int)(backward ? p.w.out_width : p.w.width);
    const int result_height = (int)(backward ? p.w.height : p.w.out_height), result_width = (int)(backward ? p.w.width : p.w.out_width);
    const i64 source_plane = (i64)source_height * source_width, result_plane = (i64)result_height * result_width;
    const i64 weight_row = backward ? taps : p.planes * taps, weight_plane = backward ? p.rows * taps : taps;

    /* Which tile. */
    const int phases_v = backward ? (int)p.w.stride_v : 1, phases_h = backward ? (int)p.w.stride_h : 1;
    const i64 tiles_m = (p.rows + TILE_M - 1) / TILE_M;
    const i64 most_pixels = p.images * ((result_height + phases_v - 1) / phases_v) * ((result_width + phases_h - 1) / phases_h);
    const i64 tiles_n = (most_pixels + TILE_N - 1) / TILE_N;
    const i64 above_m = quotient(GROUP_X, tiles_m), tile_m = GROUP_X - above_m * tiles_m;
    const i64 above_n = quotient(above_m, tiles_n), tile_n = above_m - above_n * tiles_n;
    const i64 group = quotient(above_n, phases_v * phases_h);
    const int phase = (int)(above_n - group * (phases_v * phases_h)), phase_v = phase / phases_h, phase_h = phase - phase_v * phases_h;
    const Axis down = backward ? axis_backward(phase_v, result_height, (int)p.w.size_v, (int)p.w.stride_v, (int)p.w.padding_v, (int)p.w.dilation_v)
        : axis_forward(result_height, (int)p.w.size_v, (int)p.w.stride_v, (int)p.w.padding_v, (int)p.w.dilation_v);
    const Axis across = backward ? axis_backward(phase_h, result_width, (int)p.w.size_h, (int)p.w.stride_h, (int)p.w.padding_h, (int)p.w.dilation_h)
        : axis_forward(result_width, (int)p.w.size_h, (int)p.w.stride_h, (int)p.w.padding_h, (int)p.w.dilation_h);

    /* Which terms: none where this phase has no pixels or no elements of the filter. */
    const i64 pixels = (i64)down.pixels * across.pixels, all_pixels = p.images * pixels, n0 = tile_n * TILE_N, m0 = tile_m * TILE_M;
    const int count = down.count * across.count, m_left = (int)(p.rows - m0 < TILE_M ? p.rows - m0 : TILE_M);
    const i64 all_terms = n0 < all_pixels ? p.planes * count : 0, k0 = GROUP_Y * p.depth;
    const i64 terms = all_terms - k0 < p.depth ? all_terms - k0 : p.depth;

    /* The pixel whose column this item loads. */
    const i64 pixel = n0 + ITEM % TILE_N;
    const int is_pixel = pixel < all_pixels;
    const i64 image = is_pixel ? quotient(pixel, pixels) : 0;
    const int within = is_pixel ? (int)(pixel - image * pixels) : 0, u = within / (across.pixels > 0 ? across.pixels : 1), v = within - u * across.pixels;
    const int row = is_pixel ? u * down.walk : OUTSIDE, column = v * across.walk;
    GLOBAL const REAL* from_x = x_buffer + x_offset + (image * p.groups + group) * p.planes * source_plane + ((i64)u * down.walk * source_width + column);
    if (ITEM < TILE_N)
        places[ITEM] = is_pixel ? image * p.groups * p.rows * result_plane
            + ((i64)(down.result + u * down.result_step) * result_width + across.result + v * across.result_step) : -1;

    /* The term whose entry this item makes, and the term of the weights that it loads. */
    const int slot = ITEM % TILE_K;
    GLOBAL const REAL* from_w = weight_buffer + weight_offset + group * p.rows * p.planes * taps + m0 * weight_row;
    const int some = count > 0 ? count : 1, some_across = across.count > 0 ? across.count : 1;
    Term at, by;
    at.q = (int)quotient(k0 + slot, some); at.b = (int)(k0 + slot - (i64)at.q * some);
    at.a = at.b / some_across; at.b -= at.a * some_across;
    by.q = TILE_K / some; by.b = TILE_K - by.q * some;
    by.a = by.b / some_across; by.b -= by.a * some_across;

#define NOTE(k, turn) \
    if (ITEM < TILE_K) { \
        Entry e; \
        const int e_row = down.base + at.a * down.step, e_column = across.base + at.b * across.step; \
        e.weight = at.q * weight_plane + ((down.tap + at.a * down.tap_step) * (int)p.w.size_h + across.tap + at.b * across.tap_step); \
        e.source = at.q * source_plane + ((i64)e_row * source_width + e_column); \
        e.row = (k) + slot < terms ? e_row : OUTSIDE; \
        e.column = e_column; \
        entries[(turn) * TILE_K + slot] = e; \
        at.b += by.b; at.a += by.a; at.q += by.q; \
        if (at.b >= across.count) { at.b -= across.count; at.a++; } \
        if (at.a >= down.count) { at.a -= down.count; at.q++; } \
    }

#define FETCH(k, turn) { \
        LOCAL const Entry* step = entries + (turn) * TILE_K; \
        const i64 term = step[slot].weight; \
        const int is_term = (k) + slot < terms; \
        UNROLL for (int s = 0; s < READS_A; s++) { \
            const int m = ITEM / TILE_K + s * (GROUP / TILE_K); \
            next_a[s] = is_term && m < m_left ? from_w[m * weight_row + term] : R(0); \
        } \
        UNROLL for (int s = 0; s < READS_B; s++) { \
            const Entry e = step[ITEM / TILE_N + s * (GROUP / TILE_N)]; \
            const int inside = (u32)(row + e.row) < (u32)source_height && (u32)(column + e.column) < (u32)source_width; \
            next_b[s] = inside ? from_x[e.source] : R(0); \
        } \
    }

#define STORE(turn) { \
        UNROLL for (int s = 0; s < READS_A; s++) \
            slices_a[(turn) * (TILE_K * PITCH_A) + slot * PITCH_A + ITEM / TILE_K + s * (GROUP / TILE_K)] = next_a[s]; \
        UNROLL for (int s = 0; s < READS_B; s++) \
            slices_b[(turn) * (TILE_K * PITCH_B) + (ITEM / TILE_N + s * (GROUP / TILE_N)) * PITCH_B + ITEM % TILE_N] = next_b[s]; \
    }

    const int item_n = ITEM % ITEMS_N, item_m = ITEM / ITEMS_N;
    REAL sums[ITEM_M][ITEM_N];
    UNROLL for (int i = 0; i < ITEM_M; i++) UNROLL for (int j = 0; j < ITEM_N; j++) sums[i][j] = R(0);
    REAL next_a[READS_A], next_b[READS_B];
    NOTE(0, 0)
    NOTE(TILE_K, 1)
    BARRIER();
    FETCH(0, 0)
    STORE(0)
    BARRIER();

    int turn = 0;
    for (i64 k = 0; k < terms; k += TILE_K) {
        const int more = k + TILE_K < terms;
        if (more) FETCH(k + TILE_K, turn ^ 1)
        multiply(sums, slices_a + turn * (TILE_K * PITCH_A), slices_b + turn * (TILE_K * PITCH_B), item_m, item_n);
        NOTE(k + 2 * TILE_K, turn)
        turn ^= 1;
        if (more) STORE(turn)
        BARRIER();
    }

    GLOBAL REAL* to = y_buffer + y_offset + GROUP_Y * p.step_part + (group * p.rows + m0) * result_plane;
    GLOBAL const REAL* biases = bias_buffer + bias_offset + group * p.rows + m0;
    UNROLL for (int i = 0; i < ITEM_M; i++) {
        const int m = PLACE_M(item_m, i);
        if (m >= m_left) continue;
        const REAL plus = p.biased ? biases[m] : R(0);
        UNROLL for (int j = 0; j < ITEM_N; j++) {
            const i64 place = places[PLACE_N(item_n, j)];
            if (place >= 0) to[m * result_plane + place] = sums[i][j] + plus;
        }
    }
}
