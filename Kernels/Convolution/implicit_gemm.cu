/* A convolution, or its gradient with respect to the input, as one matrix product whose right-hand matrix exists nowhere: its columns, what one pixel of the result
   reads, are gathered from the source while a slice of them is brought into shared memory.

     forward   y [filters, pixels of all images]   = weight [filters, channels * taps] . columns of x, plus bias
     backward  dx [channels, pixels of all images] = weight, turned [channels, filters * taps] . columns of g

   Images may be volumes: the pixels are those of all planes.

   Backward a pixel gathers: it looks for the windows that read it. With a stride of S only every S-th element of the filter reaches a pixel, which ones depends on
   the pixel's place modulo S alone: its phase. A group takes pixels of one phase, for which the product is that of stride 1 with part of the filter, so no term
   is computed that is not there. Forward there is one phase.

   All operands are row-major. Groups along x: tiles of the result, rows innermost, then phases, then the convolution's groups; along y: parts of K, whose sums
   go to a temporary of `parts` results, without bias, which add_parts.cu adds up. GROUP, tiles and the like: see implicit_gemm.cuh. */
#include "volumes.cuh"
#include "implicit_gemm.cuh"

typedef struct {
    i64 images, groups;
    i64 rows, planes;               /* of a group: channels of the result, and of the source */
    i64 backward;
    i64 depth, step_part;           /* terms of K per part, a multiple of TILE_K; elements from part to part */
    i64 biased;
    Windows w;
    Depths d;
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

/* Term k of the product: channel q of the source, elements e (depth), a and b of the filter. */
typedef struct { int q, e, a, b; } Term;

/* What term k reads: an element of the weight, and of the source, relative to the row's and the pixel's; and where in the volume. */
#if VOLUME
typedef struct { i64 weight, source; int row, column, layer; } Entry;
#define NOTE_LAYER(entry) (entry).layer = through.base + at.e * through.step;
#define IS_IN_DEPTH(c, entry) ((u32)(layer[c] + (entry).layer) < (u32)source_depth)
#else
typedef struct { i64 weight, source; int row, column; } Entry;
#define NOTE_LAYER(entry)
#define IS_IN_DEPTH(c, entry) 1
#endif

KERNEL(GROUP) implicit_gemm(OUT(REAL, y), IN(REAL, weight), IN(REAL, x), IN(REAL, bias), Implicit p)
{
    SHARED __attribute__((aligned(16))) REAL slices_a[2 * TILE_K * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL slices_b[2 * TILE_K * PITCH_B];
    SHARED Entry entries[2 * TILE_K];
    SHARED i64 places[TILE_N];      /* of the tile's pixels in the result; -1 beyond the last one */

    const int size_d = DEPTH(p.d.size_d, 1), stride_d = DEPTH(p.d.stride_d, 1), padding_d = DEPTH(p.d.padding_d, 0), dilation_d = DEPTH(p.d.dilation_d, 1);
    const int depth = DEPTH(p.d.depth, 1), out_depth = DEPTH(p.d.out_depth, 1);
    const int backward = (int)p.backward, taps = size_d * (int)(p.w.size_v * p.w.size_h);
    const int source_height = (int)(backward ? p.w.out_height : p.w.height), source_width = (int)(backward ? p.w.out_width : p.w.width);
    const int result_height = (int)(backward ? p.w.height : p.w.out_height), result_width = (int)(backward ? p.w.width : p.w.out_width);
    const int source_depth = backward ? out_depth : depth, result_depth = backward ? depth : out_depth;
    const i64 source_plane = (i64)source_height * source_width, result_plane = (i64)result_height * result_width;
    const i64 source_volume = source_depth * source_plane, result_volume = result_depth * result_plane;
    const i64 weight_row = backward ? taps : p.planes * taps, weight_plane = backward ? p.rows * taps : taps;

    /* Which tile. */
    const int phases_d = backward ? stride_d : 1, phases_v = backward ? (int)p.w.stride_v : 1, phases_h = backward ? (int)p.w.stride_h : 1;
    const i64 tiles_m = (p.rows + TILE_M - 1) / TILE_M;
    const i64 most_pixels = p.images * ((result_depth + phases_d - 1) / phases_d) * ((result_height + phases_v - 1) / phases_v) * ((result_width + phases_h - 1) / phases_h);
    const i64 tiles_n = (most_pixels + TILE_N - 1) / TILE_N;
    const i64 above_m = quotient(GROUP_X, tiles_m), tile_m = GROUP_X - above_m * tiles_m;
    const i64 above_n = quotient(above_m, tiles_n), tile_n = above_m - above_n * tiles_n;
    const i64 group = quotient(above_n, phases_d * phases_v * phases_h);
    const int phase = (int)(above_n - group * (phases_d * phases_v * phases_h)), phase_d = VOLUME ? phase / (phases_v * phases_h) : 0;
    const int phase_in_plane = phase - phase_d * (phases_v * phases_h), phase_v = phase_in_plane / phases_h, phase_h = phase_in_plane - phase_v * phases_h;
    const Axis through = VOLUME && backward ? axis_backward(phase_d, result_depth, size_d, stride_d, padding_d, dilation_d)
        : axis_forward(result_depth, size_d, stride_d, padding_d, dilation_d);
    const Axis down = backward ? axis_backward(phase_v, result_height, (int)p.w.size_v, (int)p.w.stride_v, (int)p.w.padding_v, (int)p.w.dilation_v)
        : axis_forward(result_height, (int)p.w.size_v, (int)p.w.stride_v, (int)p.w.padding_v, (int)p.w.dilation_v);
    const Axis across = backward ? axis_backward(phase_h, result_width, (int)p.w.size_h, (int)p.w.stride_h, (int)p.w.padding_h, (int)p.w.dilation_h)
        : axis_forward(result_width, (int)p.w.size_h, (int)p.w.stride_h, (int)p.w.padding_h, (int)p.w.dilation_h);

    /* Which terms: none where this phase has no pixels or no elements of the filter. */
    const int plane_pixels = down.pixels * across.pixels, plane_count = down.count * across.count;
    const i64 pixels = (i64)through.pixels * plane_pixels, all_pixels = p.images * pixels, n0 = tile_n * TILE_N, m0 = tile_m * TILE_M;
    const int count = through.count * plane_count, m_left = (int)(p.rows - m0 < TILE_M ? p.rows - m0 : TILE_M);
    const i64 all_terms = n0 < all_pixels ? p.planes * count : 0, k0 = GROUP_Y * p.depth;
    const i64 terms = all_terms - k0 < p.depth ? all_terms - k0 : p.depth;

    /* The pixels whose columns this item loads. */
    int row[COLUMNS], column[COLUMNS], layer[COLUMNS];
    GLOBAL const REAL* from_x[COLUMNS];
    EACH (int c = 0; c < COLUMNS; c++) {
        const i64 pixel = n0 + ITEM % ACROSS + c * ACROSS;
        const int is_pixel = pixel < all_pixels;
        const i64 image = is_pixel ? quotient(pixel, pixels) : 0;
        const int in_volume = is_pixel ? (int)(pixel - image * pixels) : 0, t = VOLUME ? in_volume / (plane_pixels > 0 ? plane_pixels : 1) : 0, within = in_volume - t * plane_pixels;
        const int u = within / (across.pixels > 0 ? across.pixels : 1), v = within - u * across.pixels;
        row[c] = is_pixel ? u * down.walk : OUTSIDE;
        column[c] = v * across.walk;
        layer[c] = t * through.walk;
        from_x[c] = x_buffer + x_offset + (image * p.groups + group) * p.planes * source_volume + (layer[c] * source_plane + (i64)u * down.walk * source_width + column[c]);
        if (ITEM < ACROSS)
            places[ITEM + c * ACROSS] = is_pixel ? image * p.groups * p.rows * result_volume + (through.result + t * through.result_step) * result_plane
                + ((i64)(down.result + u * down.result_step) * result_width + across.result + v * across.result_step) : -1;
    }

    /* The term whose entry this item makes, and the term of the weights that it loads. */
    const int slot = ITEM % TILE_K;
    GLOBAL const REAL* from_w = weight_buffer + weight_offset + group * p.rows * p.planes * taps + m0 * weight_row;
    const int some = count > 0 ? count : 1, some_in_plane = plane_count > 0 ? plane_count : 1, some_across = across.count > 0 ? across.count : 1;
    Term at, by;
    at.q = (int)quotient(k0 + slot, some); at.b = (int)(k0 + slot - (i64)at.q * some);
    at.e = VOLUME ? at.b / some_in_plane : 0; at.b -= at.e * some_in_plane;
    at.a = at.b / some_across; at.b -= at.a * some_across;
    by.q = TILE_K / some; by.b = TILE_K - by.q * some;
    by.e = VOLUME ? by.b / some_in_plane : 0; by.b -= by.e * some_in_plane;
    by.a = by.b / some_across; by.b -= by.a * some_across;

#define NOTE(k, turn) \
    if (ITEM < TILE_K) { \
        Entry e; \
        const int e_row = down.base + at.a * down.step, e_column = across.base + at.b * across.step; \
        const int tap_v = down.tap + at.a * down.tap_step + (VOLUME ? (through.tap + at.e * through.tap_step) * (int)p.w.size_v : 0); \
        e.weight = at.q * weight_plane + (tap_v * (int)p.w.size_h + across.tap + at.b * across.tap_step); \
        e.source = at.q * source_volume + ((i64)e_row * source_width + e_column) + (VOLUME ? (through.base + at.e * through.step) * source_plane : 0); \
        NOTE_LAYER(e) \
        e.row = (k) + slot < terms ? e_row : OUTSIDE; \
        e.column = e_column; \
        entries[(turn) * TILE_K + slot] = e; \
        at.b += by.b; at.a += by.a; at.e += by.e; at.q += by.q; \
        if (at.b >= across.count) { at.b -= across.count; at.a++; } \
        if (at.a >= down.count) { at.a -= down.count; if (VOLUME) at.e++; else at.q++; } \
        if (VOLUME && at.e >= through.count) { at.e -= through.count; at.q++; } \
    }

#define FETCH(k, turn) { \
        LOCAL const Entry* step = entries + (turn) * TILE_K; \
        const i64 term = step[slot].weight; \
        const int is_term = (k) + slot < terms; \
        EACH (int s = 0; s < READS_A; s++) { \
            const int m = ITEM / TILE_K + s * (GROUP / TILE_K); \
            next_a[s] = is_term && m < m_left ? from_w[m * weight_row + term] : R(0); \
        } \
        EACH (int s = 0; s < READS_B; s++) { \
            const int c = s % COLUMNS; \
            const Entry e = step[ITEM / ACROSS + s / COLUMNS * (GROUP / ACROSS)]; \
            const int inside = (u32)(row[c] + e.row) < (u32)source_height && (u32)(column[c] + e.column) < (u32)source_width && IS_IN_DEPTH(c, e); \
            next_b[s] = inside ? from_x[c][e.source] : R(0); \
        } \
    }

#define STORE(turn) { \
        EACH (int s = 0; s < READS_A; s++) \
            slices_a[(turn) * (TILE_K * PITCH_A) + slot * PITCH_A + ITEM / TILE_K + s * (GROUP / TILE_K)] = next_a[s]; \
        EACH (int s = 0; s < READS_B; s++) \
            slices_b[(turn) * (TILE_K * PITCH_B) + (ITEM / ACROSS + s / COLUMNS * (GROUP / ACROSS)) * PITCH_B + ITEM % ACROSS + s % COLUMNS * ACROSS] = next_b[s]; \
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

    GLOBAL REAL* to = y_buffer + y_offset + GROUP_Y * p.step_part + (group * p.rows + m0) * result_volume;
    GLOBAL const REAL* biases = bias_buffer + bias_offset + group * p.rows + m0;
    EACH (int i = 0; i < ITEM_M; i++) {
        const int m = PLACE_M(item_m, i);
        if (m >= m_left) continue;
        const REAL plus = p.biased ? biases[m] : R(0);
        EACH (int j = 0; j < ITEM_N; j++) {
            const i64 place = places[PLACE_N(item_n, j)];
            if (place >= 0) to[m * result_volume + place] = sums[i][j] + plus;
        }
    }
}
