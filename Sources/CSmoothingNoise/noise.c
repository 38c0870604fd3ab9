#include "CSmoothingNoise.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "two table entries go in one store");

#pragma STDC FP_CONTRACT OFF

// Work goes in chunks of 16 blocks (1 kB of keystream), which stay in the first-level cache. The
// blocks of a chunk may belong to several samples: each has its own counter and nonce.
enum { BLOCK_WORDS = 16, CHUNK_BLOCKS = 16, CHUNK_WORDS = CHUNK_BLOCKS * BLOCK_WORDS };

typedef struct {
    uint32_t counter[CHUNK_BLOCKS];
    uint32_t nonce[3][CHUNK_BLOCKS];
} noise_positions;

/// A chunk of keystream, and the copies that it draws: words 16 b ..< 16 b + 16 are the noise of
/// the pixels at pixels[b], and the sums go to targets[b].
typedef struct {
    noise_positions positions;
    const int32_t *pixels[CHUNK_BLOCKS];
    float *targets[CHUNK_BLOCKS];
    _Alignas(64) uint32_t words[CHUNK_WORDS];
} noise_chunk;

typedef uint64_t two_words __attribute__((may_alias));

enum { REFINEMENT = 0x80 };

static const uint32_t chacha20_constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

// MARK: The kernel, for each instruction set

// OVERLAP: whether a chunk is sampled while the next one is generated. That pays where registers
// are many, or where the table (4 bytes a column) is in the first-level cache: a table that is not
// is better read all at once, so that many loads wait together.

#define LANES 4
#define TARGET
#define OVERLAP 0
#define NAME(x) baseline_##x
#include "kernel.h"
#undef LANES
#undef TARGET
#undef OVERLAP
#undef NAME

#if defined(__x86_64__)

#define LANES 8
#define TARGET __attribute__((target("avx2")))
#define OVERLAP (table->column_bits <= 13)
#define NAME(x) avx2_##x
#include "kernel.h"
#undef LANES
#undef TARGET
#undef OVERLAP
#undef NAME

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define OVERLAP 1
#define NAME(x) avx512_##x
#include "kernel.h"
#undef LANES
#undef TARGET
#undef OVERLAP
#undef NAME
#endif

typedef struct {
    void (*keystream)(const noise_stream *, const noise_positions *, uint32_t *);
    bool (*sample)(
        const noise_table *, const noise_chunk *, float, const noise_stream *, noise_chunk *);
} kernel;

#define KERNEL(prefix) ((kernel){prefix##_keystream, prefix##_sample})

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
    baseline_blocks(stream->key, &at, 0, words, NULL);
    for (int i = 0; i < 3; i++) {
        uint64_t fresh = (uint64_t)words[2 * i] << 32 | words[2 * i + 1];
        if (fresh != rest[i]) return fresh < rest[i];
    }
    return false;
}

/// Goes through a chunk in which some fraction equals its threshold's leading bits, and moves to
/// the column those draws whose further bits are below.
static void settle_ties(
    const noise_stream *stream, const noise_table *table, cursor at, const noise_chunk *chunk,
    float steps_per_unit) {
    const uint32_t fraction_bits = 31 - table->column_bits;
    const uint32_t column_mask = (1u << table->column_bits) - 1;
    for (size_t i = 0; i < CHUNK_WORDS; i++) {
        uint32_t word = chunk->words[i], column = word >> fraction_bits & column_mask;
        uint32_t fraction = word & ((1u << fraction_bits) - 1);
        size_t block = i / BLOCK_WORDS, place = i % BLOCK_WORDS;
        if (table->columns[column] >> table->column_bits == fraction) {
            uint32_t coordinate = (uint32_t)(at.block * BLOCK_WORDS + place);
            const uint64_t *rest = table->refinements + 3 * column;
            if (refinement_is_below(stream, at.sample, coordinate, rest)) {
                int32_t noise = word >> 31 ? -(int32_t)column : (int32_t)column;
                int32_t sum = chunk->pixels[block][place] + noise;
                chunk->targets[block][place] = (float)sum / steps_per_unit;
            }
        }
        if (place == BLOCK_WORDS - 1) advance(&at);
    }
}

// MARK: Noisy copies

/// Where noisy copies come from and go to.
typedef struct {
    const noise_stream *stream;
    const int32_t *pixels;
    size_t dimensions;
    /// The sample after the last.
    uint64_t end;
    /// The pixels of a sample's last block, if it is used in part, then zeros.
    int32_t last_pixels[BLOCK_WORDS];
} copying;

/// A chunk, where it begins, and the copies of those blocks that are not used whole: the kernel
/// writes whole blocks alone.
typedef struct {
    noise_chunk chunk;
    cursor first;
    size_t used[CHUNK_BLOCKS];
    float *copies[CHUNK_BLOCKS];
    float partial[CHUNK_BLOCKS][BLOCK_WORDS];
} copied_chunk;

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// Says which blocks a chunk consists of. Moves the cursor past it, and returns the place after its
/// copies. Past the last sample the blocks are of no use.
static float *begin(copied_chunk *to, const copying *work, cursor *at, float *copies) {
    to->first = *at;
    for (size_t b = 0; b < CHUNK_BLOCKS; b++, advance(at)) {
        const size_t start = at->block * BLOCK_WORDS;
        const size_t used =
            at->sample < work->end ? least(BLOCK_WORDS, work->dimensions - start) : 0;
        const bool whole = used == BLOCK_WORDS;
        set_position(&to->chunk.positions, b, work->stream, 0, at->sample, (uint32_t)at->block);
        to->chunk.pixels[b] = whole ? work->pixels + start : work->last_pixels;
        to->chunk.targets[b] = whole ? copies : to->partial[b];
        to->used[b] = used;
        to->copies[b] = copies;
        copies += used;
    }
    return copies;
}

static void finish(const copied_chunk *chunk) {
    for (size_t b = 0; b < CHUNK_BLOCKS; b++)
        if (chunk->used[b] < BLOCK_WORDS)
            memcpy(chunk->copies[b], chunk->partial[b], chunk->used[b] * sizeof(float));
}

// MARK: Entry points

void noise_write_copies(
    noise_instructions set, const noise_stream *stream, const noise_table *table,
    const int32_t *pixels, size_t dimensions, float steps_per_unit, uint64_t first_sample,
    size_t count, float *copies) {
    if (count == 0 || dimensions == 0) return;
    const kernel run = kernel_for(set);
    copying work = {stream, pixels, dimensions, first_sample + count, {0}};
    const size_t tail = dimensions % BLOCK_WORDS;
    memcpy(work.last_pixels, pixels + dimensions - tail, tail * sizeof *pixels);

    copied_chunk chunks[2], *now = &chunks[0], *next = &chunks[1];
    cursor at = {first_sample, 0, (dimensions + BLOCK_WORDS - 1) / BLOCK_WORDS};
    copies = begin(now, &work, &at, copies);
    run.keystream(stream, &now->chunk.positions, now->chunk.words);
    for (bool more = true; more;) {
        more = at.sample < work.end;
        if (more) copies = begin(next, &work, &at, copies);
        noise_chunk *following = more ? &next->chunk : NULL;
        if (run.sample(table, &now->chunk, steps_per_unit, stream, following))
            settle_ties(stream, table, now->first, &now->chunk, steps_per_unit);
        finish(now);
        copied_chunk *done = now;
        now = next;
        next = done;
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
