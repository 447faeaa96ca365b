/* The gradient of a convolution with respect to its weight as one matrix product per group of channels, whose right-hand matrix exists nowhere: the columns, what each
   element of the filter reads of x, are gathered while a slice of them is brought into shared memory.

     dw [filters, channels * taps] = g [filters, pixels of all images] . columns of x, turned

   Images may be volumes: the pixels are those of all planes.
   All operands are row-major. Groups along x: tiles of dw, rows innermost, then the convolution's groups; along y: parts of K, whose sums go to a temporary of
   `parts` results, which add_parts.cu adds up. GROUP, tiles and the like: see implicit_gemm.cuh. */
#include "volumes.cuh"
#include "implicit_gemm.cuh"

typedef struct {
    i64 images, groups;
    i64 filters, channels;          /* of a group */
    i64 depth, step_part;           /* pixels per part, a multiple of TILE_K; elements from part to part */
    Windows w;
    Depths d;
} ImplicitWeights;

/* What an element of the filter reads, relative to its window: an element of x, and where in the volume. */
#if VOLUME
typedef struct { i64 source; int row, column, layer; } Entry;
#define NOTE_LAYER(entry, at) (entry).layer = (at);
#define IS_IN_DEPTH(at, entry) ((u32)((at) + (entry).layer) < (u32)depth)
#else
typedef struct { i64 source; int row, column; } Entry;
#define NOTE_LAYER(entry, at)
#define IS_IN_DEPTH(at, entry) 1
#endif

KERNEL(GROUP) implicit_weights(OUT(REAL, dw), IN(REAL, g), IN(REAL, x), ImplicitWeights p)
{
    SHARED __attribute__((aligned(16))) REAL slices_a[2 * TILE_K * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL slices_b[2 * TILE_K * PITCH_B];
    SHARED Entry entries[TILE_N];

    const int height = (int)p.w.height, width = (int)p.w.width, out_height = (int)p.w.out_height, out_width = (int)p.w.out_width;
    const int depth = DEPTH(p.d.depth, 1), out_depth = DEPTH(p.d.out_depth, 1), stride_d = DEPTH(p.d.stride_d, 1);
    const int size_h = (int)p.w.size_h, plane_taps = (int)p.w.size_v * size_h, taps = DEPTH(p.d.size_d, 1) * plane_taps, stride_v = (int)p.w.stride_v, stride_h = (int)p.w.stride_h;
    const int plane_pixels = out_height * out_width;
    const i64 plane = (i64)height * width, volume = depth * plane, pixels = (i64)out_depth * plane_pixels, columns = p.channels * taps;
    const i64 tiles_m = (p.filters + TILE_M - 1) / TILE_M, tiles_n = (columns + TILE_N - 1) / TILE_N;
    const i64 above_m = quotient(GROUP_X, tiles_m), tile_m = GROUP_X - above_m * tiles_m;
    const i64 group = quotient(above_m, tiles_n), tile_n = above_m - group * tiles_n;
    const i64 m0 = tile_m * TILE_M, n0 = tile_n * TILE_N;
    const int m_left = (int)(p.filters - m0 < TILE_M ? p.filters - m0 : TILE_M), n_left = (int)(columns - n0 < TILE_N ? columns - n0 : TILE_N);
    const i64 k0 = GROUP_Y * p.depth, rest = p.images * pixels - k0, terms = rest < p.depth ? rest : p.depth;

    /* The tile's elements of the filters. */
    EACH (int part = 0; part < COLUMNS; part++) {
        if (ITEM >= ACROSS) continue;
        const int at = ITEM + part * ACROSS;
        const i64 n = n0 + at, c = quotient(n, taps);
        const int tap = (int)(n - c * taps), a = VOLUME ? tap / plane_taps : 0, in_plane = tap - a * plane_taps, r = in_plane / size_h, s = in_plane - r * size_h;
        const int layer = VOLUME ? a * (int)p.d.dilation_d - (int)p.d.padding_d : 0;
        Entry e;
        e.row = r * (int)p.w.dilation_v - (int)p.w.padding_v;
        e.column = s * (int)p.w.dilation_h - (int)p.w.padding_h;
        e.source = c * volume + layer * plane + ((i64)e.row * width + e.column);
        NOTE_LAYER(e, layer)
        if (at >= n_left) e.row = OUTSIDE;
        entries[at] = e;
    }

    /* The pixel that this item loads in a step: (t, i, j) of `image`. The next step's is TILE_K further on. */
    const int slot = ITEM % TILE_K, lane = ITEM / TILE_K;
    i64 image = quotient(k0 + slot, pixels);
    const int start = (int)(k0 + slot - image * pixels);
    int t = VOLUME ? start / plane_pixels : 0, i = (start - t * plane_pixels) / out_width, j = start - t * plane_pixels - i * out_width;
    const int by_image = (int)(TILE_K / pixels), by_pixels = TILE_K - by_image * (int)pixels, by_t = VOLUME ? by_pixels / plane_pixels : 0;
    const int by_i = (by_pixels - by_t * plane_pixels) / out_width, by_j = by_pixels - by_t * plane_pixels - by_i * out_width;
    GLOBAL const REAL* all_g = g_buffer + g_offset + (group * p.filters + m0) * pixels;
    GLOBAL const REAL* all_x = x_buffer + x_offset + group * p.channels * volume;

#define FETCH(k) { \
        const int is_term = (k) + slot < terms, row = is_term ? i * stride_v : OUTSIDE, column = j * stride_h, layer = t * stride_d; \
        GLOBAL const REAL* from_g = all_g + image * p.groups * p.filters * pixels + (t * plane_pixels + i * out_width + j); \
        GLOBAL const REAL* from_x = all_x + image * p.groups * p.channels * volume + (layer * plane + (i64)i * stride_v * width + column); \
        EACH (int s = 0; s < READS_A; s++) { \
            const int m = lane + s * (GROUP / TILE_K); \
            next_a[s] = is_term && m < m_left ? from_g[m * pixels] : R(0); \
        } \
        EACH (int s = 0; s < READS_B; s++) { \
            const Entry e = entries[lane + s * (GROUP / TILE_K)]; \
            const int inside = (u32)(row + e.row) < (u32)height && (u32)(column + e.column) < (u32)width && IS_IN_DEPTH(layer, e); \
            next_b[s] = inside ? from_x[e.source] : R(0); \
        } \
        j += by_j; i += by_i; t += by_t; image += by_image; \
        if (j >= out_width) { j -= out_width; i++; } \
        if (i >= out_height) { i -= out_height; if (VOLUME) t++; else image++; } \
        if (VOLUME && t >= out_depth) { t -= out_depth; image++; } \
    }

#define STORE(turn) { \
        EACH (int s = 0; s < READS_A; s++) slices_a[(turn) * (TILE_K * PITCH_A) + slot * PITCH_A + lane + s * (GROUP / TILE_K)] = next_a[s]; \
        EACH (int s = 0; s < READS_B; s++) slices_b[(turn) * (TILE_K * PITCH_B) + slot * PITCH_B + lane + s * (GROUP / TILE_K)] = next_b[s]; \
    }

    const int item_n = ITEM % ITEMS_N, item_m = ITEM / ITEMS_N;
    REAL sums[ITEM_M][ITEM_N];
    UNROLL for (int a = 0; a < ITEM_M; a++) UNROLL for (int b = 0; b < ITEM_N; b++) sums[a][b] = R(0);
    REAL next_a[READS_A], next_b[READS_B];
    BARRIER();
    FETCH(0)
    STORE(0)
    BARRIER();

    int turn = 0;
    for (i64 k = 0; k < terms; k += TILE_K) {
        const int more = k + TILE_K < terms;
        if (more) FETCH(k + TILE_K)
        multiply(sums, slices_a + turn * (TILE_K * PITCH_A), slices_b + turn * (TILE_K * PITCH_B), item_m, item_n);
        turn ^= 1;
        if (more) STORE(turn)
        BARRIER();
    }

    GLOBAL REAL* to = dw_buffer + dw_offset + GROUP_Y * p.step_part + (group * p.filters + m0) * columns + n0;
    EACH (int a = 0; a < ITEM_M; a++) {
        const int m = PLACE_M(item_m, a);
        if (m >= m_left) continue;
        EACH (int b = 0; b < ITEM_N; b++) {
            const int n = PLACE_N(item_n, b);
            if (n < n_left) to[m * columns + n] = sums[a][b];
        }
    }
}
