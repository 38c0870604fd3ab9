#include "CSmoothingNoise.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "keystream is read as it is stored");

#pragma STDC FP_CONTRACT OFF

// Keystream comes in chunks of 48 blocks (3 kB), which stay in the first-level cache. The blocks of
// a chunk may belong to several samples: each has its own counter and nonce. It is used in rows, of
// 16 coordinates of one sample each: 48 bytes, or 64. A row may begin in one chunk and end in the
// next, to which it belongs.
enum {
    BLOCK_WORDS = 16,
    BLOCK_BYTES = 4 * BLOCK_WORDS,
    CHUNK_BLOCKS = 48,
    CHUNK_WORDS = CHUNK_BLOCKS * BLOCK_WORDS,
    ROW = 16,
    /// At most two rows end in a block, counting a last one that is used in part.
    CHUNK_ROWS = 2 * CHUNK_BLOCKS,
};

typedef struct {
    uint32_t counter[CHUNK_BLOCKS];
    uint32_t nonce[3][CHUNK_BLOCKS];
} noise_positions;

/// Where a row's draws are, what their noise is added to, and where the sums go.
typedef struct {
    const uint8_t *draws;
    const int32_t *pixels;
    float *target;
} noise_row;

/// A chunk of keystream, and the rows that end in it.
typedef struct {
    noise_positions positions;
    size_t blocks, rows;
    /// The sample of the first row, and its place there.
    uint64_t first_sample;
    size_t first_row;
    noise_row row[CHUNK_ROWS];
    /// Of each row, a bit for each draw that tied with its threshold, the first the lowest.
    uint16_t tied[CHUNK_ROWS];
    /// The last block of the chunk before, the chunk, and what is read beyond it.
    _Alignas(64) uint32_t words[BLOCK_WORDS + CHUNK_WORDS + BLOCK_WORDS];
} noise_chunk;

static uint32_t *keystream_of(noise_chunk *chunk) { return chunk->words + BLOCK_WORDS; }

typedef uint64_t two_words __attribute__((may_alias));

enum { REFINEMENT = 0x80 };

static const uint32_t chacha20_constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

// MARK: Draws

/// The draw at this place, as a signed number: the last bytes of four, of which one may precede it.
static int32_t draw_at(const uint8_t *bytes, size_t draw_bytes) {
    uint32_t four;
    memcpy(&four, bytes + draw_bytes - 4, sizeof four);
    return (int32_t)four >> (32 - 8 * draw_bytes);
}

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
    void (*keystream)(const noise_stream *, const noise_positions *, size_t, uint32_t *);
    void (*sample)(
        const noise_table *, noise_chunk *, float, const noise_stream *, noise_chunk *);
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

/// Runs through the blocks of one sample after another, and the rows that end in them.
typedef struct {
    uint64_t sample;
    size_t block, row;
} cursor;

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// Gives `count` blocks from `lane` on the counters from `counter` on.
static void set_positions(
    noise_positions *at, size_t lane, size_t count, const noise_stream *stream, uint8_t flag,
    uint64_t sample, uint32_t counter) {
    const uint32_t top = (uint32_t)(stream->phase | flag) << 24 | (uint32_t)(sample >> 32);
    for (size_t i = 0; i < count; i++) {
        at->counter[lane + i] = counter + (uint32_t)i;
        at->nonce[0][lane + i] = stream->input;
        at->nonce[1][lane + i] = (uint32_t)sample;
        at->nonce[2][lane + i] = top;
    }
}

/// Fills positions from `lane` on with blocks of the cursor's sample, as many as there are or fit.
static size_t add_blocks(
    noise_positions *to, size_t lane, const noise_stream *stream, const cursor *at,
    size_t blocks_per_sample) {
    const size_t count = least(CHUNK_BLOCKS - lane, blocks_per_sample - at->block);
    set_positions(to, lane, count, stream, 0, at->sample, (uint32_t)at->block);
    return count;
}

// MARK: Noisy copies

/// Draws that tied and are to be settled, with the positions of their refinements.
typedef struct {
    noise_positions positions;
    size_t count;
    int32_t draw[CHUNK_BLOCKS], pixel[CHUNK_BLOCKS];
    float *target[CHUNK_BLOCKS];
} tie_queue;

/// Where noisy copies come from and go to.
typedef struct {
    kernel run;
    const noise_stream *stream;
    const noise_table *table;
    const int32_t *pixels;
    size_t dimensions, rows_per_sample, blocks_per_sample;
    float steps_per_unit;
    uint64_t first_sample, end;
    float *copies;
    /// The pixels of a sample's last row, then zeros.
    int32_t last_pixels[ROW];
    /// Rows are written whole. What one writes beyond its sample, the next ones overwrite; those
    /// that would go beyond the last sample go here, where the copies end after `ROW` values.
    /// These are the ones from `diverted` on.
    size_t diverted;
    float ending[2 * ROW];
    tie_queue ties;
} copying;

static size_t values_in_all(const copying *work) {
    return (size_t)(work->end - work->first_sample) * work->dimensions;
}

/// Says where the rows of the cursor's sample are, from the cursor's to before `end`.
static void add_rows(
    noise_chunk *to, copying *work, const cursor *at, size_t end, const uint8_t *draws) {
    size_t place = (size_t)(at->sample - work->first_sample) * work->dimensions + ROW * at->row;
    for (size_t row = at->row; row < end; row++) {
        to->row[to->rows++] =
            (noise_row){draws, work->pixels + ROW * row, work->copies + place};
        draws += ROW * work->table->draw_bytes;
        place += ROW;
    }
    if (at->row == end || end < work->rows_per_sample) return;
    noise_row *last = &to->row[to->rows - 1];
    last->pixels = work->last_pixels;
    if (place > values_in_all(work)) {
        last->target = work->ending + (place - values_in_all(work));
        work->diverted = least(work->diverted, place - ROW);
    }
}

/// Says which blocks and rows a chunk consists of, and moves the cursor past them.
static void begin(noise_chunk *to, copying *work, cursor *at) {
    const size_t row_bytes = ROW * work->table->draw_bytes;
    to->first_sample = at->sample;
    to->first_row = at->row;
    to->blocks = to->rows = 0;
    while (to->blocks < CHUNK_BLOCKS && at->sample < work->end) {
        // The cursor's row begins less than a row before its block.
        const uint8_t *draws = (const uint8_t *)(keystream_of(to) + BLOCK_WORDS * to->blocks)
            - (BLOCK_BYTES * at->block - row_bytes * at->row);
        const size_t count = add_blocks(
            &to->positions, to->blocks, work->stream, at, work->blocks_per_sample);
        to->blocks += count;
        at->block += count;
        const bool is_whole = at->block == work->blocks_per_sample;
        const size_t row =
            is_whole ? work->rows_per_sample : BLOCK_BYTES * at->block / row_bytes;
        add_rows(to, work, at, row, draws);
        at->row = row;
        if (is_whole) *at = (cursor){at->sample + 1, 0, 0};
    }
}

// MARK: Ties

/// Whether 256 bits of refinement lie below the rest of a threshold.
static bool is_below(const uint32_t words[8], const uint64_t rest[4]) {
    for (int i = 0; i < 4; i++) {
        uint64_t fresh = (uint64_t)words[2 * i] << 32 | words[2 * i + 1];
        if (fresh != rest[i]) return fresh < rest[i];
    }
    return false;
}

/// Draws the refinements, and writes the copies that they decide.
static void settle_ties(copying *work) {
    const noise_table *table = work->table;
    const uint32_t column_mask = (1u << table->column_bits) - 1;
    tie_queue *ties = &work->ties;
    _Alignas(64) uint32_t words[CHUNK_WORDS];
    work->run.keystream(work->stream, &ties->positions, ties->count, words);
    for (size_t i = 0; i < ties->count; i++) {
        const uint32_t column = (uint32_t)ties->draw[i] & column_mask;
        const uint32_t alias = table->columns[column] & column_mask;
        const bool below =
            is_below(words + BLOCK_WORDS * i, table->refinements + 4 * (size_t)column);
        const int32_t magnitude = (int32_t)(below ? column : alias);
        const int32_t noise = ties->draw[i] < 0 ? -magnitude : magnitude;
        *ties->target[i] = (float)(ties->pixel[i] + noise) / work->steps_per_unit;
    }
    ties->count = 0;
}

/// Puts the ties of a chunk that has been sampled in the queue.
static void queue_ties(copying *work, const noise_chunk *chunk) {
    tie_queue *ties = &work->ties;
    for (size_t i = 0; i < chunk->rows; i++) {
        if (!chunk->tied[i]) continue;
        const noise_row *row = &chunk->row[i];
        const size_t place = chunk->first_row + i;
        const uint64_t sample = chunk->first_sample + place / work->rows_per_sample;
        const size_t first = ROW * (place % work->rows_per_sample);
        for (size_t c = 0; c < ROW && first + c < work->dimensions; c++) {
            if (!(chunk->tied[i] >> c & 1)) continue;
            if (ties->count == CHUNK_BLOCKS) settle_ties(work);
            set_positions(
                &ties->positions, ties->count, 1, work->stream, REFINEMENT, sample,
                (uint32_t)(first + c));
            const uint32_t draw_bytes = work->table->draw_bytes;
            ties->draw[ties->count] = draw_at(row->draws + draw_bytes * c, draw_bytes);
            ties->pixel[ties->count] = row->pixels[c];
            ties->target[ties->count++] = row->target + c;
        }
    }
}

// MARK: Entry points

void noise_write_copies(
    noise_instructions set, const noise_stream *stream, const noise_table *table,
    const int32_t *pixels, size_t dimensions, float steps_per_unit, uint64_t first_sample,
    size_t count, float *copies) {
    if (count == 0 || dimensions == 0) return;
    copying work = {
        .run = kernel_for(set),
        .stream = stream,
        .table = table,
        .pixels = pixels,
        .dimensions = dimensions,
        .rows_per_sample = (dimensions + ROW - 1) / ROW,
        .blocks_per_sample = (dimensions * table->draw_bytes + BLOCK_BYTES - 1) / BLOCK_BYTES,
        .steps_per_unit = steps_per_unit,
        .first_sample = first_sample,
        .end = first_sample + count,
        .copies = copies,
        .diverted = count * dimensions,
    };
    const size_t before_last = ROW * (work.rows_per_sample - 1);
    memcpy(
        work.last_pixels, pixels + before_last, (dimensions - before_last) * sizeof *pixels);

    noise_chunk chunks[2], *now = &chunks[0], *next = &chunks[1];
    cursor at = {first_sample, 0, 0};
    begin(now, &work, &at);
    work.run.keystream(stream, &now->positions, now->blocks, keystream_of(now));
    while (now->blocks > 0) {
        begin(next, &work, &at);
        work.run.sample(table, now, steps_per_unit, stream, next);
        queue_ties(&work, now);
        memcpy(next->words, now->words + CHUNK_WORDS, BLOCK_BYTES);
        noise_chunk *done = now;
        now = next;
        next = done;
    }
    settle_ties(&work);
    const size_t left = count * dimensions - work.diverted;
    memcpy(copies + work.diverted, work.ending + ROW - left, left * sizeof *copies);
}

void noise_write_keystream(
    noise_instructions set, const noise_stream *stream, size_t blocks_per_sample,
    uint64_t first_sample, size_t count, uint32_t *words) {
    const kernel run = kernel_for(set);
    cursor at = {first_sample, 0, 0};
    noise_positions positions;
    _Alignas(64) uint32_t chunk[CHUNK_WORDS];
    for (size_t left = count * blocks_per_sample; left > 0;) {
        size_t blocks = 0;
        while (blocks < least(left, CHUNK_BLOCKS)) {
            const size_t added = add_blocks(&positions, blocks, stream, &at, blocks_per_sample);
            blocks += added;
            at.block += added;
            if (at.block == blocks_per_sample) at = (cursor){at.sample + 1, 0, 0};
        }
        const bool is_full = blocks == CHUNK_BLOCKS;
        run.keystream(stream, &positions, blocks, is_full ? words : chunk);
        if (!is_full) memcpy(words, chunk, blocks * BLOCK_BYTES);
        words += blocks * BLOCK_WORDS;
        left -= blocks;
    }
}
