// The kernel, written once and compiled once for each instruction set: noise.c includes this file
// with LANES (ChaCha20 blocks computed side by side: 4, 8 or 16), TARGET (the function attribute)
// and NAME (which makes each symbol unique). All of it uses the compiler's vector types.

typedef uint32_t NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef float NAME(output) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint32_t NAME(lanes) __attribute__((vector_size(4 * LANES)));
typedef int32_t NAME(integers) __attribute__((vector_size(4 * LANES)));
typedef float NAME(floats) __attribute__((vector_size(4 * LANES)));
typedef bool NAME(truths) __attribute__((ext_vector_type(LANES)));
#define vector NAME(vector)
#define output NAME(output)
#define lanes NAME(lanes)
#define integers NAME(integers)
#define floats NAME(floats)
#define truths NAME(truths)
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

// A chunk's rows pass three stages: draws are read, columns are looked up, sums are written. Each
// is two rows behind the one before, because what was stored just now is slow to load in pieces of
// another size.
enum { NAME(lag) = 2, NAME(rows_under_way) = 8 };

/// The rows of a chunk under way, and what every draw needs, in vectors.
typedef struct {
    const uint32_t *columns;
    const noise_row *row;
    uint16_t *tied;
    size_t rows;
    /// How many rows have been read, or could have been.
    size_t step;
    lanes magnitude_mask, column_mask, fraction_unit;
    floats steps_per_unit;
    _Alignas(64) uint32_t draws[NAME(rows_under_way)][ROW];
    /// First the columns, then the table's entries.
    _Alignas(64) uint32_t entries[NAME(rows_under_way)][ROW];
} NAME(sampler);
#define sampler NAME(sampler)

INLINE void NAME(begin_sampling)(
    sampler *s, const noise_table *table, noise_chunk *chunk, float steps_per_unit) {
    s->columns = table->columns;
    s->row = chunk->row;
    s->tied = chunk->tied;
    s->rows = chunk->rows;
    s->step = 0;
    s->magnitude_mask = (UINT32_MAX >> (33 - 8 * table->draw_bytes)) - (lanes){0};
    s->column_mask = ((1u << table->column_bits) - 1) - (lanes){0};
    s->fraction_unit = (1u << table->column_bits) - (lanes){0};
    s->steps_per_unit = steps_per_unit - (floats){0};
}

/// The draws at this place, each as a number of 32 bits: of one that has 24 bits the rest do not
/// matter, except that the first is the sign.
INLINE lanes NAME(draws_at)(const uint8_t *bytes, size_t draw_bytes) {
    if (draw_bytes == 4) return *(const vector *)bytes;
#if LANES == 8 || LANES == 16
    const __m128i four_of_three_bytes =
        _mm_set_epi8(11, 11, 10, 9, 8, 8, 7, 6, 5, 5, 4, 3, 2, 2, 1, 0);
#endif
#if LANES == 8
    const __m256i halves = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)bytes)),
        _mm_loadu_si128((const __m128i *)(bytes + 12)), 1);
    return (lanes)_mm256_shuffle_epi8(halves, _mm256_broadcastsi128_si256(four_of_three_bytes));
#elif LANES == 16
    const __m512i quarters = _mm512_permutexvar_epi32(
        _mm512_set_epi32(12, 11, 10, 9, 9, 8, 7, 6, 6, 5, 4, 3, 3, 2, 1, 0),
        _mm512_loadu_si512(bytes));
    return (lanes)_mm512_shuffle_epi8(quarters, _mm512_broadcast_i32x4(four_of_three_bytes));
#else
    return (lanes)(integers){
        draw_at(bytes, 3), draw_at(bytes + 3, 3), draw_at(bytes + 6, 3), draw_at(bytes + 9, 3)};
#endif
}

/// Reads the draws of a row, and what columns they have.
INLINE void NAME(read)(sampler *s, size_t row, size_t draw_bytes) {
    uint32_t *draws = s->draws[row % NAME(rows_under_way)];
    uint32_t *columns = s->entries[row % NAME(rows_under_way)];
    const uint8_t *bytes = s->row[row].draws;
    const lanes column_mask = s->column_mask;
    for (size_t i = 0; i < ROW; i += LANES) {
        lanes draw = NAME(draws_at)(bytes + draw_bytes * i, draw_bytes);
        *(vector *)(draws + i) = draw;
        *(vector *)(columns + i) = draw & column_mask;
    }
}

/// Replaces the columns of a row by the table's entries.
///
/// By scalar loads: with the microcode of 2023 against Downfall, the gather instructions of many
/// Intel processors are slower. What is volatile the compiler does not turn into such a gather, nor
/// into moves between vector and scalar registers; two entries go in one store.
INLINE void NAME(look_up)(sampler *s, size_t row) {
    volatile uint32_t *entries = s->entries[row % NAME(rows_under_way)];
    const uint32_t *columns = s->columns;
    for (size_t i = 0; i < ROW; i += 2) {
        uint64_t first = columns[entries[i]], second = columns[entries[i + 1]];
        *(volatile two_words *)(entries + i) = second << 32 | first;
    }
}

/// With the draw's sign. A draw of all zeros may become 0, whatever its magnitude: it has column 0
/// and the least fraction, so that its magnitude is 0 or it tied.
INLINE integers NAME(with_sign)(integers magnitude, lanes draw) {
#if LANES == 8
    return (integers)_mm256_sign_epi32((__m256i)magnitude, (__m256i)draw);
#else
    integers negative = (integers)draw >> 31;
    return (magnitude ^ negative) - negative;
#endif
}

/// The truth values as a binary number, the first as its lowest bit.
INLINE uint16_t NAME(number)(truths values) {
    uint16_t number = 0;
    memcpy(&number, &values, (LANES + 7) / 8);
    return number;
}

/// Writes the noisy copies that a row of draws makes: pixel plus noise, in units of the data. Which
/// draws tied is noted, for `settle_ties` to decide.
INLINE void NAME(write)(sampler *s, size_t row) {
    const uint32_t *draws = s->draws[row % NAME(rows_under_way)];
    const uint32_t *entries = s->entries[row % NAME(rows_under_way)];
    const int32_t *pixels = s->row[row].pixels;
    float *target = s->row[row].target;
    const lanes magnitude_mask = s->magnitude_mask, column_mask = s->column_mask;
    const integers fraction_unit = (integers)s->fraction_unit;
    const floats steps_per_unit = s->steps_per_unit;
    uint32_t tied = 0;
    for (size_t i = 0; i < ROW; i += LANES) {
        lanes draw = *(const vector *)(draws + i), entry = *(const vector *)(entries + i);
        // Unless the fractions are equal, the order of the whole numbers is theirs.
        integers drawn = (integers)(draw & magnitude_mask);
        lanes below = (lanes)(drawn < (integers)entry);
        truths equal =
            __builtin_convertvector((drawn ^ (integers)entry) < fraction_unit, truths);
        tied |= (uint32_t)NAME(number)(equal) << i;
        lanes magnitude = ((draw & below) | (entry & ~below)) & column_mask;
        integers sum = (integers)*(const vector *)(pixels + i)
            + NAME(with_sign)((integers)magnitude, draw);
        *(output *)(target + i) = __builtin_convertvector(sum, floats) / steps_per_unit;
    }
    s->tied[row] = (uint16_t)tied;
}

/// Moves each stage a row forward, where it has one: LANES / 8 times, at least once.
INLINE void NAME(advance)(sampler *s, size_t draw_bytes) {
    for (int i = 0; i < (LANES + 7) / 8; i++) {
        const size_t step = s->step++, lag = NAME(lag);
        if (step < s->rows) NAME(read)(s, step, draw_bytes);
        if (step >= lag && step < s->rows + lag) NAME(look_up)(s, step - lag);
        if (step >= 2 * lag && step < s->rows + 2 * lag) NAME(write)(s, step - 2 * lag);
    }
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
    lanes x[16], sampler *s, size_t draw_bytes) {
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
        if (s) NAME(advance)(s, draw_bytes);
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
    lanes x[16], sampler *s, size_t draw_bytes) {
#pragma clang loop unroll(disable)
    for (int i = 0; i < 10; i++) {
        NAME(round)(x, 0);
        NAME(round)(x, 1);
        if (s) NAME(advance)(s, draw_bytes);
    }
}

#endif

/// LANES ChaCha20 blocks whose last four state words are given lane by lane. Meanwhile eleven steps
/// of the sampler are done, unless it is null.
INLINE void NAME(blocks)(
    const uint32_t key[8], const noise_positions *at, size_t lane, uint32_t *words, sampler *s,
    size_t draw_bytes) {
    lanes start[16], x[16];
    for (int i = 0; i < 4; i++) start[i] = chacha20_constants[i] - (lanes){0};
    for (int i = 0; i < 8; i++) start[4 + i] = key[i] - (lanes){0};
    start[12] = *(const vector *)&at->counter[lane];
    for (int i = 0; i < 3; i++) start[13 + i] = *(const vector *)&at->nonce[i][lane];
    for (int i = 0; i < 16; i++) x[i] = start[i];
    NAME(double_rounds)(x, s, draw_bytes);
    for (int i = 0; i < 16; i++) x[i] += start[i];
    for (int r = 0; r < 4; r++)
        NAME(store_four)(x[4 * r], x[4 * r + 1], x[4 * r + 2], x[4 * r + 3], words + 4 * r);
    if (s) NAME(advance)(s, draw_bytes);
}

// MARK: Chunks

/// The keystream of so many blocks, and of what follows up to a multiple of LANES.
TARGET static void NAME(keystream)(
    const noise_stream *stream, const noise_positions *at, size_t blocks, uint32_t *words) {
    for (size_t lane = 0; lane < blocks; lane += LANES)
        NAME(blocks)(stream->key, at, lane, words + BLOCK_WORDS * lane, NULL, 0);
}

INLINE void NAME(sample_draws)(
    size_t draw_bytes, const noise_table *table, noise_chunk *chunk, float steps_per_unit,
    const noise_stream *stream, noise_chunk *next) {
    sampler s;
    NAME(begin_sampling)(&s, table, chunk, steps_per_unit);
    for (size_t lane = 0; lane < next->blocks; lane += LANES)
        NAME(blocks)(
            stream->key, &next->positions, lane, keystream_of(next) + BLOCK_WORDS * lane, &s,
            draw_bytes);
    while (s.step < s.rows + 2 * NAME(lag)) NAME(advance)(&s, draw_bytes);
}

/// Writes the noisy copies of a chunk, beside the rounds that generate the next one's keystream.
TARGET static void NAME(sample)(
    const noise_table *table, noise_chunk *chunk, float steps_per_unit,
    const noise_stream *stream, noise_chunk *next) {
    if (table->draw_bytes == 3)
        NAME(sample_draws)(3, table, chunk, steps_per_unit, stream, next);
    else
        NAME(sample_draws)(4, table, chunk, steps_per_unit, stream, next);
}

#undef vector
#undef output
#undef lanes
#undef integers
#undef floats
#undef truths
#undef sampler
#undef INLINE
#undef IN_EACH_QUARTER
