import Sodium
import Testing

@Suite struct KeyPairTests {
    /// RFC 7748, section 6.1: the keys of Alice and of Bob.
    @Test(arguments: [
        (
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
        ),
        (
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
        ),
    ])
    func `a secret key has the public key in the standard`(secret: String, expected: String) throws
    {
        let secretKey = try #require(SecretKey(hex: secret.utf8))
        #expect(KeyPair(secretKey: secretKey).publicKey.hex == expected)
        #expect(secretKey.hexDigits() == Array(secret.utf8))
    }

    @Test func `drawn keys differ, and each pair belongs together`() {
        let pairs = (0..<10).map { _ in KeyPair.random() }
        #expect(Set(pairs.map(\.publicKey)).count == 10)
        for pair in pairs {
            #expect(KeyPair(secretKey: pair.secretKey).publicKey == pair.publicKey)
            #expect(PublicKey(hex: pair.publicKey.hex.utf8) == pair.publicKey)
            #expect(PublicKey(hex: pair.publicKey.hex.uppercased().utf8) == pair.publicKey)
        }
    }

    @Test(arguments: [
        "", "00", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
        String(repeating: "0", count: 66), String(repeating: "g", count: 64),
        " " + String(repeating: "0", count: 63),
    ])
    func `what is not 64 digits is no key`(text: String) {
        #expect(PublicKey(hex: text.utf8) == nil)
        #expect(SecretKey(hex: text.utf8) == nil)
    }

    @Test func `a secret key does not print, and is overwritten on demand`() {
        let key = KeyPair.random().secretKey
        var bytes = key.copiedBytes()
        #expect("\(key)" == "(a secret key)")
        SecretKey.erase(&bytes)
        #expect(bytes == [UInt8](repeating: 0, count: 32))
        #expect(key.copiedBytes() != bytes)
    }
}
