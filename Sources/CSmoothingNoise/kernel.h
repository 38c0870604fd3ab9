// The kernel, written once and compiled once for each instruction set: noise.c includes this file
// with LANES (ChaCha20 blocks computed side by side: 4, 8 or 16), TARGET (the function attribute)
// and NAME (which makes each symbol unique). All of it uses the compiler's vector types.

typedef uint32_t NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef float NAME(output) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint32_t NAME(lanes) __attribute__((vector_size(4 * LANES)));
typedef int32_t NAME(integers) __attribute__((vector_size(4 * LANES)));
typedef float NAME(floats) __attribute__((vector_size(4 * LANES)));
#define vector NAME(vector)
#define output NAME(output)
#define lanes NAME(lanes)
#define integers NAME(integers)
#define floats NAME(floats)
#define INLINE TARGET static inline __attribute__((always_inline))

#if LANES == 4
#define IN_EACH_QUARTER(a, b, c, d) a, b, c, d
#elif LANES == 8
#define IN_EACH_QUARTER(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4
#elif LANES == 16
#define IN_EACH_QUARTER(a, b, c, d)                                                              \
    a, b, c, d, a + 4, b + 4, c + 4, d + 4, a + 8, b + 8, c + 8, d + 8, a + 12, b + 12, c + 12,  \
        d + 12
#endif

// MARK: Sampling

/// A chunk of keystream that turns into noisy copies, and what every draw needs, in vectors.
typedef struct {
    const uint32_t *columns, *words;
    const int32_t *const *pixels;
    float *const *targets;
    uint32_t column_bits, fraction_bits;
    lanes column_mask, fraction_mask;
    floats steps_per_unit;
    /// Nonzero where some draw tied with its threshold.
    integers ties;
} NAME(sampler);
#define sampler NAME(sampler)

INLINE sampler NAME(sampler_of)(
    const noise_table *table, const noise_chunk *chunk, float steps_per_unit) {
    const uint32_t column_bits = table->column_bits, fraction_bits = 31 - column_bits;
    return (sampler){
        .columns = table->columns,
        .words = chunk->words,
        .pixels = chunk->pixels,
        .targets = chunk->targets,
        .column_bits = column_bits,
        .fraction_bits = fraction_bits,
        .column_mask = ((1u << column_bits) - 1) - (lanes){0},
        .fraction_mask = ((1u << fraction_bits) - 1) - (lanes){0},
        .steps_per_unit = steps_per_unit - (floats){0},
    };
}

/// The words that are sampled together.
enum { NAME(row) = 2 * LANES };

/// Finds which columns the words of `count` blocks draw.
INLINE void NAME(find_columns)(
    const sampler *s, size_t block, size_t count, uint32_t entries[CHUNK_WORDS]) {
    for (size_t i = 16 * block; i < 16 * (block + count); i += LANES)
        *(vector *)(entries + i) =
            *(const vector *)(s->words + i) >> s->fraction_bits & s->column_mask;
}

/// Replaces the columns of a row by the table's entries.
///
/// By scalar loads: with the microcode of 2023 against Downfall, the gather instructions of many
/// Intel processors are slower. What is volatile the compiler does not turn into such a gather, nor
/// into moves between vector and scalar registers; two entries go in one store.
INLINE void NAME(look_up)(const sampler *s, size_t start, volatile uint32_t *entries) {
    for (size_t i = start; i < start + NAME(row); i += 2) {
        uint64_t first = s->columns[entries[i]], second = s->columns[entries[i + 1]];
        *(volatile two_words *)(entries + i) = second << 32 | first;
    }
}

/// Writes the noisy copies that a row of words draws: pixel plus noise, in units of the data. Draws
/// that tie are left at the alias, for `settle_ties` to decide.
INLINE void NAME(write)(sampler *s, size_t start, const uint32_t *entries) {
    for (size_t i = start; i < start + NAME(row); i += LANES) {
        lanes word = *(const vector *)(s->words + i), entry = *(const vector *)(entries + i);
        integers fraction = (integers)(word & s->fraction_mask);
        integers threshold = (integers)(entry >> s->column_bits);
        lanes below = (lanes)(fraction < threshold), column = word >> s->fraction_bits;
        s->ties |= fraction == threshold;
        integers magnitude = (integers)(((column & below) | (entry & ~below)) & s->column_mask);
        integers negative = (integers)word >> 31;
        integers noise = (magnitude ^ negative) - negative;
        integers pixels = (integers)*(const vector *)(s->pixels[i / 16] + i % 16);
        *(output *)(s->targets[i / 16] + i % 16) =
            __builtin_convertvector(pixels + noise, floats) / s->steps_per_unit;
    }
}

/// Does, beside double round i of LANES blocks, its part of the same blocks of another chunk: one
/// row is looked up, and the one before the last, whose entries have reached the cache, is written.
INLINE void NAME(beside)(sampler *s, size_t lane, uint32_t *entries, int i) {
    if (s && i < 8) NAME(look_up)(s, 16 * lane + NAME(row) * i, entries);
    if (s && i >= 2) NAME(write)(s, 16 * lane + NAME(row) * (i - 2), entries);
}

// MARK: ChaCha20

/// Transposes words 4r ... 4r + 3 of LANES blocks and stores them in RFC order:
/// word w of block l goes to words[16 * l + w].
INLINE void NAME(store_four)(lanes a, lanes b, lanes c, lanes d, uint32_t *words) {
    lanes ab_low = __builtin_shufflevector(a, b, IN_EACH_QUARTER(0, LANES, 1, LANES + 1));
    lanes ab_high = __builtin_shufflevector(a, b, IN_EACH_QUARTER(2, LANES + 2, 3, LANES + 3));
    lanes cd_low = __builtin_shufflevector(c, d, IN_EACH_QUARTER(0, LANES, 1, LANES + 1));
    lanes cd_high = __builtin_shufflevector(c, d, IN_EACH_QUARTER(2, LANES + 2, 3, LANES + 3));
    lanes rows[4] = {
        __builtin_shufflevector(ab_low, cd_low, IN_EACH_QUARTER(0, 1, LANES, LANES + 1)),
        __builtin_shufflevector(ab_low, cd_low, IN_EACH_QUARTER(2, 3, LANES + 2, LANES + 3)),
        __builtin_shufflevector(ab_high, cd_high, IN_EACH_QUARTER(0, 1, LANES, LANES + 1)),
        __builtin_shufflevector(ab_high, cd_high, IN_EACH_QUARTER(2, 3, LANES + 2, LANES + 3)),
    };
    for (int row = 0; row < 4; row++)
        for (int quarter = 0; quarter < LANES / 4; quarter++)
            memcpy(words + 16 * (4 * quarter + row), (char *)&rows[row] + 16 * quarter, 16);
}

INLINE lanes NAME(rotate)(lanes x, int bits) { return x << bits | x >> (32 - bits); }

#if LANES == 8

/// What a double round keeps in memory: the shuffles that rotate by 16 and by 8 bits, and those
/// two of the four c that no quarter round is using.
typedef struct {
    __m256i by_16, by_8;
    volatile lanes c[4];
} NAME(aside);
#define aside NAME(aside)

/// Rotates by shuffling bytes. The empty assembly hides from the compiler what the shuffle is,
/// since it would rotate both operands of the exclusive or before, and that it is the same each
/// time, so that it is an operand in memory and takes none of the sixteen registers.
INLINE lanes NAME(shuffle)(lanes x, __m256i *bytes) {
    __asm__("" : "+m"(*bytes));
    return (lanes)_mm256_shuffle_epi8((__m256i)x, *bytes);
}

/// Two quarter rounds, on a, b, c, d and e, f, g, h, step by step together.
INLINE void NAME(quarter_rounds)(
    lanes *a, lanes *b, lanes *c, lanes *d, lanes *e, lanes *f, lanes *g, lanes *h, aside *m) {
    *a += *b, *e += *f;
    *d = NAME(shuffle)(*d ^ *a, &m->by_16), *h = NAME(shuffle)(*h ^ *e, &m->by_16);
    *c += *d, *g += *h;
    *b = NAME(rotate)(*b ^ *c, 12), *f = NAME(rotate)(*f ^ *g, 12);
    *a += *b, *e += *f;
    *d = NAME(shuffle)(*d ^ *a, &m->by_8), *h = NAME(shuffle)(*h ^ *e, &m->by_8);
    *c += *d, *g += *h;
    *b = NAME(rotate)(*b ^ *c, 7), *f = NAME(rotate)(*f ^ *g, 7);
}

/// Ten double rounds. The state, with room to work, is more than the sixteen registers hold. So two
/// quarter rounds go together, and the c of the other two are laid aside: twelve registers for
/// a, b, d, two for c and two to rotate in, with four loads and four stores a double round. Left
/// to itself the compiler spills b and d too, which the next step waits for.
INLINE void NAME(double_rounds)(
    lanes x[16], sampler *s, size_t lane, uint32_t *entries) {
    aside m = {
        .by_16 = _mm256_set_epi64x(
            0x0d0c0f0e09080b0a, 0x0504070601000302, 0x0d0c0f0e09080b0a, 0x0504070601000302),
        .by_8 = _mm256_set_epi64x(
            0x0e0d0c0f0a09080b, 0x0605040702010003, 0x0e0d0c0f0a09080b, 0x0605040702010003),
    };
    lanes *a = x, *b = x + 4, *c = x + 8, *d = x + 12;
    m.c[2] = c[2], m.c[3] = c[3];
#pragma clang loop unroll(disable)
    for (int i = 0; i < 10; i++) {
#define PAIR(i, b0, c0, d0, b1, c1, d1)                                                          \
    NAME(quarter_rounds)(a + i, b + b0, c + c0, d + d0, a + i + 1, b + b1, c + c1, d + d1, &m)
        PAIR(0, 0, 0, 0, 1, 1, 1);
        m.c[0] = c[0], m.c[1] = c[1], c[2] = m.c[2], c[3] = m.c[3];
        PAIR(2, 2, 2, 2, 3, 3, 3);
        PAIR(0, 1, 2, 3, 2, 3, 0);
        m.c[2] = c[2], m.c[3] = c[3], c[0] = m.c[0], c[1] = m.c[1];
        PAIR(2, 3, 0, 1, 0, 1, 2);
#undef PAIR
        NAME(beside)(s, lane, entries, i);
    }
    c[2] = m.c[2], c[3] = m.c[3];
}
#undef aside

#else

/// Four quarter rounds, step by step together, which keeps the processor busier than one by one:
/// on the columns (turn 0) or on the diagonals (turn 1) of the state.
INLINE void NAME(round)(lanes x[16], int turn) {
    lanes *a = x, *b = x + 4, *c = x + 8, *d = x + 12;
#define B b[(i + turn) % 4]
#define C c[(i + 2 * turn) % 4]
#define D d[(i + 3 * turn) % 4]
    for (int i = 0; i < 4; i++) a[i] += B, D = NAME(rotate)(D ^ a[i], 16);
    for (int i = 0; i < 4; i++) C += D, B = NAME(rotate)(B ^ C, 12);
    for (int i = 0; i < 4; i++) a[i] += B, D = NAME(rotate)(D ^ a[i], 8);
    for (int i = 0; i < 4; i++) C += D, B = NAME(rotate)(B ^ C, 7);
#undef B
#undef C
#undef D
}

INLINE void NAME(double_rounds)(
    lanes x[16], sampler *s, size_t lane, uint32_t *entries) {
#pragma clang loop unroll(disable)
    for (int i = 0; i < 10; i++) {
        NAME(round)(x, 0);
        NAME(round)(x, 1);
        NAME(beside)(s, lane, entries, i);
    }
}

#endif

/// LANES ChaCha20 blocks whose last four state words are given lane by lane. Meanwhile the same
/// blocks of the sampler's chunk are sampled, unless it is null.
INLINE void NAME(blocks)(
    const uint32_t key[8], const noise_positions *at, size_t lane, uint32_t *words, sampler *s) {
    lanes start[16], x[16];
    _Alignas(64) uint32_t entries[CHUNK_WORDS];
    if (s) NAME(find_columns)(s, lane, LANES, entries);
    for (int i = 0; i < 4; i++) start[i] = chacha20_constants[i] - (lanes){0};
    for (int i = 0; i < 8; i++) start[4 + i] = key[i] - (lanes){0};
    start[12] = *(const vector *)&at->counter[lane];
    for (int i = 0; i < 3; i++) start[13 + i] = *(const vector *)&at->nonce[i][lane];
    for (int i = 0; i < 16; i++) x[i] = start[i];
    NAME(double_rounds)(x, s, lane, entries);
    for (int i = 0; i < 16; i++) x[i] += start[i];
    for (int r = 0; r < 4; r++)
        NAME(store_four)(x[4 * r], x[4 * r + 1], x[4 * r + 2], x[4 * r + 3], words + 4 * r);
}

// MARK: Chunks

/// The keystream of one chunk.
TARGET static void NAME(keystream)(
    const noise_stream *stream, const noise_positions *at, uint32_t words[CHUNK_WORDS]) {
    for (size_t lane = 0; lane < CHUNK_BLOCKS; lane += LANES)
        NAME(blocks)(stream->key, at, lane, words + 16 * lane, NULL);
}

/// Writes the noisy copies of a chunk, and the keystream of the next one if there is one. True if
/// some draw tied.
TARGET static bool NAME(sample)(
    const noise_table *table, const noise_chunk *chunk, float steps_per_unit,
    const noise_stream *stream, noise_chunk *next) {
    sampler s = NAME(sampler_of)(table, chunk, steps_per_unit);
    if (next && OVERLAP) {
        for (size_t lane = 0; lane < CHUNK_BLOCKS; lane += LANES)
            NAME(blocks)(stream->key, &next->positions, lane, next->words + 16 * lane, &s);
    } else {
        _Alignas(64) uint32_t entries[CHUNK_WORDS];
        NAME(find_columns)(&s, 0, CHUNK_BLOCKS, entries);
        for (size_t i = 0; i < CHUNK_WORDS; i += NAME(row)) NAME(look_up)(&s, i, entries);
        for (size_t i = 0; i < CHUNK_WORDS; i += NAME(row)) NAME(write)(&s, i, entries);
        if (next) NAME(keystream)(stream, &next->positions, next->words);
    }
    uint32_t ties = 0;
    for (int lane = 0; lane < LANES; lane++) ties |= (uint32_t)s.ties[lane];
    return ties != 0;
}

#undef vector
#undef output
#undef lanes
#undef integers
#undef floats
#undef sampler
#undef INLINE
#undef IN_EACH_QUARTER
