/* Running sums or products along lines: element e of a line takes in those before it, from the last element to the first if reversed.
   KIND 0: y = sum of the elements up to this one, in SUM (TX: elements, TY: results). KIND 3: their product.
   KIND 1: products of the elements on one side, without this one. right == 1: into y. Otherwise times what `y` already has (the products of the other side).
   KIND 2: the same for dual numbers x + t e, e * e = 0: their values pass through `values`, and y receives the part with e.
   Products are made in two launches over the same y: first the right sides, reversed, then the left ones.
   scan_lines: one item per line, element by element; for many lines. INDEX as in lines.cuh; a line's elements are `step` apart.
   scan_groups: one group per line, EACH elements per item at a time. parts > 1: group y does elements y * part_length and on, counted in the
   direction of the scan; `totals` [line, part] has what each part comes to, from scan_totals. */
#define EACH 4   /* neighbours that an item takes from a chunk of GROUP * EACH elements */

#if KIND == 0
typedef SUM Scan;
#define IDENTITY ((SUM)0)
DEVICE Scan combine(Scan a, Scan b) { return a + b; }
#elif KIND == 1 || KIND == 3
typedef SUM Scan;
#define IDENTITY ((SUM)1)
DEVICE Scan combine(Scan a, Scan b) { return a * b; }
#else
typedef struct { SUM value, slope; } Scan;
DEVICE Scan dual(SUM value, SUM slope) { Scan a; a.value = value; a.slope = slope; return a; }
#define IDENTITY dual((SUM)1, (SUM)0)
DEVICE Scan combine(Scan a, Scan b) { return dual(a.value * b.value, a.value * b.slope + a.slope * b.value); }
#endif

/* Lines l of `length` elements: the first at (l / inner) * length * inner + l % inner, then inner apart. */
#define START(l) ((l) / inner * length * inner + (l) % inner)
#define PLACE(e) (start + (reversed ? length - 1 - (e) : (e)) * inner)
#if KIND == 2
#define FETCH(place) dual(x_buffer[x_offset + (place)], t_buffer[t_offset + (place)])
#else
#define FETCH(place) ((SUM)x_buffer[x_offset + (place)])
#endif

/* `before` is what the elements before this one come to. */
#if KIND == 0 || KIND == 3
#define EMIT(place, before, own) y_buffer[y_offset + (place)] = (TY)combine(before, own)
#elif KIND == 1
#define EMIT(place, before, own) y_buffer[y_offset + (place)] = right ? (before) : (before) * y_buffer[y_offset + (place)]
#else
#define EMIT(place, before, own) do { \
        if (right) { \
            values_buffer[values_offset + (place)] = (before).value; \
            y_buffer[y_offset + (place)] = (before).slope; \
        } else { \
            y_buffer[y_offset + (place)] = combine(before, dual(values_buffer[values_offset + (place)], y_buffer[y_offset + (place)])).slope; \
        } \
    } while (0)
#endif

#define OPERANDS OUT(TY, y), OUT(SUM, values), OUT(Scan, totals), IN(TX, x), IN(TX, t), i64 lines, i64 length, i64 inner, i64 part_length, int parts, int reversed, int right

KERNEL(GROUP) scan_lines(OPERANDS)
{
    const i64 line = GROUP_X * GROUP + ITEM;
    if (line >= lines) return;
    const i64 start = START(line);
    Scan before = IDENTITY;
    for (i64 e = 0; e < length; e++) {
        const i64 place = PLACE(e);
        const Scan value = FETCH(place);
        EMIT(place, before, value);
        before = combine(before, value);
    }
}

KERNEL(GROUP) scan_totals(OPERANDS)
{
    SHARED Scan shared_totals[GROUP];
    const i64 line = GROUP_X, start = START(line), first = GROUP_Y * part_length, end = first + part_length < length ? first + part_length : length;
    // Neighbours together, as a product in their order would have them: large factors beside small ones do not overflow.
    const i64 run = (part_length + GROUP - 1) / GROUP, mine = first + ITEM * run;
    Scan total = IDENTITY;
    for (i64 e = mine; e < mine + run && e < end; e++) total = combine(total, FETCH(PLACE(e)));
    shared_totals[ITEM] = total;
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        BARRIER();
        if (ITEM < half_of) shared_totals[ITEM] = combine(shared_totals[ITEM], shared_totals[ITEM + half_of]);
    }
    if (ITEM == 0) totals_buffer[totals_offset + line * parts + GROUP_Y] = shared_totals[0];
}

KERNEL(GROUP) scan_groups(OPERANDS)
{
    SHARED Scan shared_totals[GROUP];
    const i64 line = GROUP_X, start = START(line), first = GROUP_Y * part_length, end = first + part_length < length ? first + part_length : length;
    Scan carry = IDENTITY;
    if (parts > 1) {
        for (int part = ITEM; part < GROUP_Y; part += GROUP) carry = combine(carry, totals_buffer[totals_offset + line * parts + part]);
        shared_totals[ITEM] = carry;
        for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
            BARRIER();
            if (ITEM < half_of) shared_totals[ITEM] = combine(shared_totals[ITEM], shared_totals[ITEM + half_of]);
        }
        BARRIER();
        carry = shared_totals[0];
        BARRIER();
    }
    for (i64 chunk = first; chunk < end; chunk += GROUP * EACH) {
        const i64 mine = chunk + ITEM * EACH;
        Scan elements[EACH], before = IDENTITY;
        for (int k = 0; k < EACH; k++) {
            elements[k] = IDENTITY;
            if (mine + k < end) elements[k] = FETCH(PLACE(mine + k));
            before = combine(before, elements[k]);
        }
        shared_totals[ITEM] = before;
        BARRIER();
        for (int distance = 1; distance < GROUP; distance *= 2) {
            Scan sum = shared_totals[ITEM];
            if (ITEM >= distance) sum = combine(shared_totals[ITEM - distance], sum);
            BARRIER();
            shared_totals[ITEM] = sum;
            BARRIER();
        }
        before = carry;
        if (ITEM > 0) before = combine(carry, shared_totals[ITEM - 1]);
        carry = combine(carry, shared_totals[GROUP - 1]);
        BARRIER();
        for (int k = 0; k < EACH && mine + k < end; k++) {
            const i64 place = PLACE(mine + k);
            EMIT(place, before, elements[k]);
            before = combine(before, elements[k]);
        }
    }
}
