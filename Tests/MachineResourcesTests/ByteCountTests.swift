import MachineResources
import Testing

/// Sizes as people write them.
@Suite struct ByteCountTests {
    @Test(arguments: [
        ("1", 1), ("4096", 4096), ("100B", 100), ("512M", 512 << 20), ("512m", 512 << 20),
        ("2G", 2 << 30), ("2GB", 2 << 30), ("2GiB", 2 << 30), ("1.5K", 1536), ("1T", 1 << 40),
    ])
    func `a number and a unit are a size`(text: String, bytes: Int) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(arguments: ["", "G", "0", "-1G", "2X", "2 G", "1e9", "2GiBs", "iB", "9999999T", "1.2.3"])
    func `anything else is none`(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test func `it is said with one digit after the point at most`() {
        #expect("\(ByteCount(bytes: 100))" == "100 bytes")
        #expect("\(ByteCount(bytes: 2 << 30))" == "2 GiB")
        #expect("\(ByteCount(bytes: 1536 << 20))" == "1.5 GiB")
    }
}
