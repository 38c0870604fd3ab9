// The kernel, written once and compiled once for each instruction set: noise.c includes this file
// with LANES (ChaCha20 blocks computed side by side: 4, 8 or 16), TARGET (the function attribute)
// and NAME (which makes each symbol unique). ChaCha20 uses the compiler's vector types; the other
// loops are plain, for the compiler to vectorise.

typedef uint32_t NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint32_t NAME(lanes) __attribute__((vector_size(4 * LANES)));
#define vector NAME(vector)
#define lanes NAME(lanes)

#if LANES == 4
#define IN_EACH_QUARTER(a, b, c, d) a, b, c, d
#elif LANES == 8
#define IN_EACH_QUARTER(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4
#elif LANES == 16
#define IN_EACH_QUARTER(a, b, c, d)                                                              \
    a, b, c, d, a + 4, b + 4, c + 4, d + 4, a + 8, b + 8, c + 8, d + 8, a + 12, b + 12, c + 12,  \
        d + 12
#endif

/// Transposes words 4r ... 4r + 3 of LANES blocks and stores them in RFC order:
/// word w of block l goes to words[16 * l + w].
TARGET static inline __attribute__((always_inline)) void NAME(store_four)(
    lanes a, lanes b, lanes c, lanes d, uint32_t *words) {
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

TARGET static inline __attribute__((always_inline)) lanes NAME(rotate)(lanes x, int bits) {
    return x << bits | x >> (32 - bits);
}

/// Four quarter rounds, step by step together, which keeps the processor busier than one by one:
/// on the columns (turn 0) or on the diagonals (turn 1) of the state.
TARGET static inline __attribute__((always_inline)) void NAME(round)(lanes x[16], int turn) {
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

/// LANES ChaCha20 blocks whose last four state words are given lane by lane.
TARGET static inline void NAME(blocks)(
    const uint32_t key[8], const noise_positions *at, size_t lane, uint32_t *words) {
    lanes start[16], x[16];
    for (int i = 0; i < 4; i++) start[i] = chacha20_constants[i] - (lanes){0};
    for (int i = 0; i < 8; i++) start[4 + i] = key[i] - (lanes){0};
    start[12] = *(const vector *)&at->counter[lane];
    for (int i = 0; i < 3; i++) start[13 + i] = *(const vector *)&at->nonce[i][lane];
    for (int i = 0; i < 16; i++) x[i] = start[i];
    for (int rounds = 0; rounds < 20; rounds += 2) {
        NAME(round)(x, 0);
        NAME(round)(x, 1);
    }
    for (int i = 0; i < 16; i++) x[i] += start[i];
    for (int r = 0; r < 4; r++)
        NAME(store_four)(x[4 * r], x[4 * r + 1], x[4 * r + 2], x[4 * r + 3], words + 4 * r);
}

/// The keystream of one chunk.
TARGET static void NAME(keystream)(
    const noise_stream *stream, const noise_positions *at, uint32_t words[CHUNK_WORDS]) {
    for (size_t lane = 0; lane < CHUNK_BLOCKS; lane += LANES)
        NAME(blocks)(stream->key, at, lane, words + 16 * lane);
}

/// Replaces every word by the noise that it draws. True if some draw tied with its threshold;
/// those are left at the alias, for `settle_ties` to decide.
///
/// The table is read in a loop of its own, by scalar loads: with the microcode of 2023 against
/// Downfall, the gather instructions of many Intel processors are slower.
TARGET static bool NAME(look_up)(
    const noise_table *table, const uint32_t *restrict words, int32_t *restrict noise) {
    const uint32_t column_bits = table->column_bits, fraction_bits = 31 - column_bits;
    const uint32_t column_mask = (1u << column_bits) - 1;
    const uint32_t fraction_mask = (1u << fraction_bits) - 1;
    const uint32_t *columns = table->columns;
    _Alignas(64) uint32_t entries[CHUNK_WORDS];
    for (size_t i = 0; i < CHUNK_WORDS; i++) entries[i] = words[i] >> fraction_bits & column_mask;
    for (size_t i = 0; i < CHUNK_WORDS; i++) entries[i] = columns[entries[i]];

    uint32_t ties = 0;
    for (size_t i = 0; i < CHUNK_WORDS; i++) {
        int32_t fraction = words[i] & fraction_mask, threshold = entries[i] >> column_bits;
        uint32_t column = words[i] >> fraction_bits, alias = entries[i];
        uint32_t magnitude = (fraction < threshold ? column : alias) & column_mask;
        uint32_t negative = 0 - (words[i] >> 31);
        noise[i] = (magnitude ^ negative) - negative;
        ties |= 0u - (fraction == threshold);
    }
    return ties != 0;
}

/// Pixel plus noise, in units of the data.
TARGET static void NAME(add)(
    const int32_t *restrict pixels, const int32_t *restrict noise, size_t count,
    float steps_per_unit, float *restrict copies) {
    for (size_t i = 0; i < count; i++)
        copies[i] = (float)(pixels[i] + noise[i]) / steps_per_unit;
}

#undef vector
#undef lanes
#undef IN_EACH_QUARTER
#undef EACH
