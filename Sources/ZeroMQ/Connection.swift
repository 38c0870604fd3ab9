import CZeroMQ
import Glibc

/// One connection of a socket's peer, so that it can be cut: ZeroMQ itself never ends the connection
/// of a client that it has let in.
public struct Connection: Hashable, Sendable {
    private let descriptor: Int32
    /// Tells the connection from a later one with the same descriptor.
    private let inode: UInt

    init?(descriptor: Int32) {
        guard let inode = Connection.inode(of: descriptor) else { return nil }
        self.descriptor = descriptor
        self.inode = inode
    }

    /// Cuts the connection, if it is still there. A client whose key is still allowed comes back.
    public func cut() {
        if Connection.inode(of: descriptor) == inode { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private static func inode(of descriptor: Int32) -> UInt? {
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else { return nil }
        return status.st_ino
    }
}

extension Socket {
    /// The user ID, from the ``Authenticator``, of who sent what was received last; nil without
    /// ``Curve``.
    public var lastUser: String? {
        zmq_msg_gets(frame, "User-Id").map { String(cString: $0) }
    }

    /// The connection over which that came; nil when it is gone.
    public var lastConnection: Connection? {
        Connection(descriptor: zmq_msg_get(frame, ZMQ_SRCFD))
    }
}
