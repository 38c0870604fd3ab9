// The hot loop of `SmoothingNoise`: ChaCha20 keystream, alias-table look-up, pixel plus noise.
//
// Every instruction set writes the same bytes: the noise itself is integer arithmetic, and the one
// floating-point operation is a correctly rounded division. The layout of the stream and the
// meaning of the table are specified in the Swift module (`NoiseStream`, `AliasTable`).

#ifndef C_SMOOTHING_NOISE_H
#define C_SMOOTHING_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    noise_instructions_automatic,
    noise_instructions_baseline,  // plain vectors of 128 bits: SSE2, NEON
    noise_instructions_avx2,
    noise_instructions_avx512,  // F, BW, VL
} noise_instructions;

/// Whether this processor can run that version of the kernel.
bool noise_instructions_available(noise_instructions set);

/// The keystreams of one input in one phase; sample s and block b pick 16 words of it.
typedef struct {
    uint32_t key[8];
    uint32_t input;
    uint8_t phase;
} noise_stream;

/// An alias table of 2^column_bits columns, 1 <= column_bits <= 22.
///
/// A draw is a little-endian number of draw_bytes bytes: its highest bit is the sign, its lowest
/// column_bits bits are the column, and the bits between begin the fraction.
typedef struct {
    /// Each column: the threshold's leading bits, as many as a draw has of the fraction, then alias
    /// (column_bits bits).
    const uint32_t *columns;
    /// Four words a column: the threshold's further bits, the most significant first, then zeros.
    const uint64_t *refinements;
    uint32_t column_bits;
    /// 3 or 4.
    uint32_t draw_bytes;
} noise_table;

/// Writes noisy copies of `pixels` for the samples first_sample ..< first_sample + count,
/// one after another: (float)(pixel + noise) / steps_per_unit.
///
/// Needs |pixel| + |noise| <= 2^24, first_sample + count <= 2^56, dimensions < 2^32, and a set
/// that is available.
void noise_write_copies(
    noise_instructions set, const noise_stream *stream, const noise_table *table,
    const int32_t *pixels, size_t dimensions, float steps_per_unit, uint64_t first_sample,
    size_t count, float *copies);

/// The same work without the table and the pixels: the keystream words themselves,
/// `blocks_per_sample` blocks of 16 for each sample. For measurements and tests.
void noise_write_keystream(
    noise_instructions set, const noise_stream *stream, size_t blocks_per_sample,
    uint64_t first_sample, size_t count, uint32_t *words);

#endif
