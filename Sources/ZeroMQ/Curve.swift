import CZeroMQ

/// How both ends of a connection prove who they are, and encrypt what they say: CurveZMQ (RFC 26).
/// Keys have 32 bytes.
///
/// A server lets in the clients that its ``Authenticator`` allows, and nobody else.
public enum Curve: Sendable {
    /// Listens; proves that it holds this key. The authenticator is of the same context: without one,
    /// ZeroMQ lets in everybody, and then ``Socket/lastUser`` is nil.
    case server(secretKey: [UInt8], authenticator: Authenticator)
    /// Connects; proves that it holds its key, and only to the server that holds the other one.
    case client(publicKey: [UInt8], secretKey: [UInt8], serverKey: [UInt8])
}

extension Curve: CustomStringConvertible {
    /// Names no key.
    public var description: String {
        switch self {
        case .server: "CURVE server"
        case .client: "CURVE client"
        }
    }
}

extension Curve {
    func apply(to socket: UnsafeMutableRawPointer) throws(ZeroMQError) {
        switch self {
        case .server(let secretKey, _):
            try set(ZMQ_CURVE_SERVER, to: 1, of: socket)
            try set(ZMQ_CURVE_SECRETKEY, to: secretKey, of: socket)
            try set(ZMQ_ZAP_DOMAIN, to: Array("global".utf8), of: socket)
        case .client(let publicKey, let secretKey, let serverKey):
            try set(ZMQ_CURVE_SERVERKEY, to: serverKey, of: socket)
            try set(ZMQ_CURVE_PUBLICKEY, to: publicKey, of: socket)
            try set(ZMQ_CURVE_SECRETKEY, to: secretKey, of: socket)
        }
    }

    private func set(
        _ option: Int32, to value: [UInt8], of socket: UnsafeMutableRawPointer
    ) throws(ZeroMQError) {
        guard zmq_setsockopt(socket, option, value, value.count) == 0 else {
            throw ZeroMQError(doing: "give a socket its keys")
        }
    }

    private func set(
        _ option: Int32, to value: Int32, of socket: UnsafeMutableRawPointer
    ) throws(ZeroMQError) {
        var value = value
        guard zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size) == 0 else {
            throw ZeroMQError(doing: "make a socket a CURVE server")
        }
    }
}
