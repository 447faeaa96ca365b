/* The permutation that Fisher and Yates's method makes of 0 .. n-1, which swaps place i with place target[i] <= i for i = n-1 down to 1, without doing it in order.
   What stands at place t when step i comes was put there by the step that last swapped with t: the smallest k > i whose target is t. It came from place k, where
   before step k stood what the smallest k' > k with target k had put there, and so on: a chain of a few steps. permutation_targets draws the targets;
   permutation_links, from the order that puts equal targets side by side, finds for every step the next one with its target (next) and for every place the first
   later step that aims at it (aimed; -1 for none); permutation_follow walks the chains. A work item takes one step. */
#include "philox.cuh"

KERNEL(GROUP) permutation_targets(OUT(i64, target), i64 n, IN(u64, stream))
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= n) return;
    const PhiloxBlock block = BLOCK_OF(stream, i);
    const u64 word = (u64)block.word[1] << 32 | block.word[0];
    target_buffer[target_offset + i] = i == 0 ? 0 : (i64)MULHI_U64(word, (u64)i + 1);
}

KERNEL(GROUP) permutation_links(OUT(i64, next), OUT(i64, aimed), IN(i64, target), IN(i64, order), i64 n)
{
    const i64 j = GROUP_X * GROUP + ITEM;
    if (j >= n) return;
    AT(GLOBAL const i64*, target);
    AT(GLOBAL const i64*, order);
    const i64 i = order[j], place = target[i], following = j + 1 < n && target[order[j + 1]] == place ? order[j + 1] : -1;
    next_buffer[next_offset + i] = following;
    if (j == 0 || target[order[j - 1]] != place) aimed_buffer[aimed_offset + place] = i == place ? following : i;
}

KERNEL(GROUP) permutation_follow(OUT(i64, y), IN(i64, target), IN(i64, next), IN(i64, aimed), i64 n)
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= n) return;
    AT(GLOBAL const i64*, aimed);
    i64 k = next_buffer[next_offset + i];
    if (k < 0) k = target_buffer[target_offset + i];
    else while (aimed[k] >= 0) k = aimed[k];
    y_buffer[y_offset + i] = k;
}
