/// The header of an IDX file, the format of MNIST.
///
/// Two zero bytes, a type code, the number of axes, and the size of each axis as a big-endian
/// 32-bit integer; elements are big-endian too (LeCun, Cortes, Burges: the MNIST database).
struct IDXHeader {
    let shape: [Int]
    let type: NumberType
    let offset: Int

    /// `nil` if `head` is not the start of an IDX file with one to eight axes.
    init?(head: [UInt8]) {
        guard head.count >= 4, head[0] == 0, head[1] == 0, let type = IDXHeader.types[head[2]],
            (1...8).contains(head[3])
        else { return nil }
        offset = 4 + 4 * Int(head[3])
        guard head.count >= offset else { return nil }
        shape = stride(from: 4, to: offset, by: 4).map { start in
            head[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
        }
        self.type = type
    }

    private static let types: [UInt8: NumberType] = [
        0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
    ]
}
