import Digests
import Sodium
import Testing

/// Test vectors of FIPS 180-4: the examples of NIST's "Secure Hashing" page (the one- and two-block
/// messages and the million letters), and the empty message of its validation suite.
private let vectors: [(message: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
        [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
]

@Suite struct SHA256Tests {
    @Test(arguments: vectors)
    func `a digest is the one in the standard`(message: [UInt8], digest: String) {
        #expect(SHA256.digest(of: message).hex == digest)
    }

    @Test(arguments: vectors, [1, 63, 64, 65, 999])
    func `pieces hash as the whole does`(
        vector: (message: [UInt8], digest: String), size: Int
    ) {
        let message = vector.message.prefix(10_000)
        var hash = SHA256()
        for start in stride(from: 0, to: message.count, by: size) {
            hash.update(Array(message[start..<min(start + size, message.count)]))
        }
        #expect(hash.finalize() == SHA256.digest(of: Array(message)))
    }

    @Test func `a copy goes its own way`() {
        var first = SHA256()
        first.update(Array("ab".utf8))
        var second = first
        second.update(Array("c".utf8))
        first.update(Array("d".utf8))
        #expect(second.finalize().hex == vectors[1].digest)
        #expect(first.finalize() == SHA256.digest(of: Array("abd".utf8)))
    }
}

@Suite struct DigestTests {
    @Test(arguments: vectors)
    func `hexadecimal print goes there and back`(message: [UInt8], digest: String) {
        #expect(Digest(hex: digest)?.hex == digest)
        #expect(Digest(hex: digest.uppercased())?.hex == digest)
        #expect(Digest(hex: digest)?.description == String(digest.prefix(12)))
        #expect(Digest(hex: digest)?.bytes.count == Digest.byteCount)
    }

    @Test(arguments: [
        "", "00", "g" + vectors[0].digest.dropFirst(), vectors[0].digest + "0",
        String(vectors[0].digest.dropLast()), " " + vectors[0].digest, "é" + vectors[0].digest,
        String(repeating: "é", count: 32), "１" + vectors[0].digest.dropFirst(),
    ])
    func `what is not a digest is refused`(hex: String) {
        #expect(Digest(hex: hex) == nil)
    }

    @Test(arguments: [0, 31, 33])
    func `a digest has 32 bytes`(count: Int) {
        #expect(Digest(bytes: [UInt8](repeating: 0, count: count)) == nil)
    }
}

@Suite struct OperatingSystemRandomTests {
    /// False alarm: with 2^16 bytes a value is missing with probability below 256 e^-256.
    @Test func `every byte value occurs`() {
        let bytes = OperatingSystemRandom.bytes(count: 1 << 16)
        #expect(bytes.count == 1 << 16)
        #expect(Set(bytes).count == 256)
    }

    /// False alarm: 2^-256.
    @Test func `two draws differ`() {
        #expect(OperatingSystemRandom.bytes(count: 0) == [])
        #expect(OperatingSystemRandom.bytes(count: 32) != OperatingSystemRandom.bytes(count: 32))
    }
}
