/// A number of bytes, as a person writes it: `512M`, `2G`, `1.5GiB`; units are powers of 1024.
public struct ByteCount: Hashable, Sendable {
    /// How many bytes.
    public let bytes: Int

    /// So many bytes.
    public init(bytes: Int) { self.bytes = bytes }

    /// What the text says; nil when it says no positive size.
    public init?(_ text: String) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = text.dropFirst(number.count).uppercased()
        if unit.hasSuffix("IB"), unit.count == 3 { unit.removeLast(2) }
        if unit.hasSuffix("B"), unit.count <= 2 { unit.removeLast() }
        guard let value = Double(number),
            let power = ["", "K", "M", "G", "T"].firstIndex(of: unit)
        else { return nil }
        let bytes = value * Double(1 << (10 * power))
        guard bytes >= 1, bytes < 0x1p62 else { return nil }
        self.bytes = Int(bytes)
    }
}

extension ByteCount: CustomStringConvertible {
    /// With one digit after the point in the largest unit that fits: "1.5 GiB".
    public var description: String {
        var (value, unit) = (Double(bytes), "bytes")
        for larger in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
            value /= 1024
            unit = larger
        }
        let tenths = Int((value * 10).rounded())
        return tenths.isMultiple(of: 10)
            ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
