#include "CSmoothingNoise.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Work goes in chunks of 16 blocks (1 kB of keystream), which stay in the first-level cache. The
// blocks of a chunk may belong to several samples: each has its own counter and nonce.
enum { BLOCK_WORDS = 16, CHUNK_BLOCKS = 16, CHUNK_WORDS = CHUNK_BLOCKS * BLOCK_WORDS };

typedef struct {
    uint32_t counter[CHUNK_BLOCKS];
    uint32_t nonce[3][CHUNK_BLOCKS];
} noise_positions;

enum { REFINEMENT = 0x80 };

static const uint32_t chacha20_constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

// MARK: The kernel, for each instruction set

#define LANES 4
#define TARGET
#define NAME(x) baseline_##x
#include "kernel.h"
#undef LANES
#undef TARGET
#undef NAME

#if defined(__x86_64__)

#define LANES 8
#define TARGET __attribute__((target("avx2")))
#define NAME(x) avx2_##x
#include "kernel.h"
#undef LANES
#undef TARGET
#undef NAME

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define NAME(x) avx512_##x
#include "kernel.h"
#undef LANES
#undef TARGET
#undef NAME
#endif

typedef struct {
    void (*keystream)(const noise_stream *, const noise_positions *, uint32_t *);
    bool (*look_up)(const noise_table *, const uint32_t *, int32_t *);
    void (*add)(const int32_t *, const int32_t *, size_t, float, float *);
} kernel;

#define KERNEL(prefix) ((kernel){prefix##_keystream, prefix##_look_up, prefix##_add})

bool noise_instructions_available(noise_instructions set) {
    switch (set) {
    case noise_instructions_automatic:
    case noise_instructions_baseline:
        return true;
#if defined(__x86_64__)
    case noise_instructions_avx2:
        return __builtin_cpu_supports("avx2");
    case noise_instructions_avx512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl");
#endif
    default:
        return false;
    }
}

static kernel kernel_for(noise_instructions set) {
    if (set == noise_instructions_automatic) {
        set = noise_instructions_avx512;
        if (!noise_instructions_available(set)) set = noise_instructions_avx2;
        if (!noise_instructions_available(set)) set = noise_instructions_baseline;
    }
#if defined(__x86_64__)
    if (set == noise_instructions_avx512) return KERNEL(avx512);
    if (set == noise_instructions_avx2) return KERNEL(avx2);
#endif
    return KERNEL(baseline);
}

// MARK: Positions in the stream

/// Runs through the blocks of one sample after another.
typedef struct {
    uint64_t sample;
    size_t block, blocks_per_sample;
} cursor;

static void advance(cursor *at) {
    if (++at->block < at->blocks_per_sample) return;
    at->block = 0;
    at->sample++;
}

static void set_position(
    noise_positions *at, size_t lane, const noise_stream *stream, uint8_t flag, uint64_t sample,
    uint32_t counter) {
    at->counter[lane] = counter;
    at->nonce[0][lane] = stream->input;
    at->nonce[1][lane] = (uint32_t)sample;
    at->nonce[2][lane] = (uint32_t)(stream->phase | flag) << 24 | (uint32_t)(sample >> 32);
}

static void set_positions(noise_positions *at, const noise_stream *stream, cursor from) {
    for (size_t lane = 0; lane < CHUNK_BLOCKS; lane++, advance(&from))
        set_position(at, lane, stream, 0, from.sample, (uint32_t)from.block);
}

// MARK: Ties

/// Whether 192 fresh bits of this coordinate lie below the rest of the column's threshold.
static bool refinement_is_below(
    const noise_stream *stream, uint64_t sample, uint32_t coordinate, const uint64_t rest[3]) {
    noise_positions at = {0};
    uint32_t words[4 * BLOCK_WORDS];
    set_position(&at, 0, stream, REFINEMENT, sample, coordinate);
    baseline_blocks(stream->key, &at, 0, words);
    for (int i = 0; i < 3; i++) {
        uint64_t fresh = (uint64_t)words[2 * i] << 32 | words[2 * i + 1];
        if (fresh != rest[i]) return fresh < rest[i];
    }
    return false;
}

/// Goes through a chunk in which some fraction equals its threshold's leading bits, and moves to
/// the column those draws whose further bits are below.
static void settle_ties(
    const noise_stream *stream, const noise_table *table, cursor at, const uint32_t *words,
    int32_t *noise) {
    const uint32_t fraction_bits = 31 - table->column_bits;
    const uint32_t column_mask = (1u << table->column_bits) - 1;
    for (size_t i = 0; i < CHUNK_WORDS; i++) {
        uint32_t column = words[i] >> fraction_bits & column_mask;
        uint32_t fraction = words[i] & ((1u << fraction_bits) - 1);
        if (table->columns[column] >> table->column_bits == fraction) {
            uint32_t coordinate = (uint32_t)(at.block * BLOCK_WORDS + i % BLOCK_WORDS);
            if (refinement_is_below(stream, at.sample, coordinate, table->refinements + 3 * column))
                noise[i] = words[i] >> 31 ? -(int32_t)column : (int32_t)column;
        }
        if (i % BLOCK_WORDS == BLOCK_WORDS - 1) advance(&at);
    }
}

// MARK: Entry points

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

void noise_write_copies(
    noise_instructions set, const noise_stream *stream, const noise_table *table,
    const int32_t *pixels, size_t dimensions, float steps_per_unit, uint64_t first_sample,
    size_t count, float *copies) {
    const kernel run = kernel_for(set);
    cursor at = {first_sample, 0, (dimensions + BLOCK_WORDS - 1) / BLOCK_WORDS};
    const uint64_t end = first_sample + count;
    noise_positions positions;
    _Alignas(64) uint32_t words[CHUNK_WORDS];
    _Alignas(64) int32_t noise[CHUNK_WORDS];
    while (at.sample < end && dimensions > 0) {
        set_positions(&positions, stream, at);
        run.keystream(stream, &positions, words);
        if (run.look_up(table, words, noise)) settle_ties(stream, table, at, words, noise);
        for (size_t used = 0; used < CHUNK_BLOCKS && at.sample < end;) {
            size_t blocks = least(CHUNK_BLOCKS - used, at.blocks_per_sample - at.block);
            size_t start = at.block * BLOCK_WORDS;
            size_t length = least(blocks * BLOCK_WORDS, dimensions - start);
            run.add(pixels + start, noise + used * BLOCK_WORDS, length, steps_per_unit, copies);
            copies += length;
            used += blocks;
            at.block += blocks - 1;
            advance(&at);
        }
    }
}

void noise_write_keystream(
    noise_instructions set, const noise_stream *stream, size_t blocks_per_sample,
    uint64_t first_sample, size_t count, uint32_t *words) {
    const kernel run = kernel_for(set);
    cursor at = {first_sample, 0, blocks_per_sample};
    noise_positions positions;
    _Alignas(64) uint32_t chunk[CHUNK_WORDS];
    for (size_t left = count * blocks_per_sample; left > 0;) {
        size_t blocks = least(left, CHUNK_BLOCKS);
        set_positions(&positions, stream, at);
        run.keystream(stream, &positions, chunk);
        memcpy(words, chunk, blocks * BLOCK_WORDS * sizeof *words);
        words += blocks * BLOCK_WORDS;
        left -= blocks;
        for (size_t i = 0; i < blocks; i++) advance(&at);
    }
}
