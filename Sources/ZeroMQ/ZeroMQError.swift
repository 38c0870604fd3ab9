import CZeroMQ
import Glibc

/// What ZeroMQ or the operating system refused, as a sentence that says what to do.
public struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of the error: an `errno` of the system or of ZeroMQ.
    public let code: Int32
    /// What happened: one or two sentences, without the last full stop.
    public let description: String

    init(doing action: String, code: Int32 = zmq_errno()) {
        self.code = code
        description =
            switch code {
            case EMFILE:
                "cannot \(action): this process has no file descriptors left; "
                    + "raise the limit (ulimit -n)"
            default: "cannot \(action): \(String(cString: zmq_strerror(code)))"
            }
    }

    init(doing action: String, endpoint: String, code: Int32 = zmq_errno()) {
        self.code = code
        description =
            ZeroMQError.sentence(endpoint, code)
            ?? ZeroMQError(doing: "\(action) \(endpoint)", code: code).description
    }

    private static func sentence(_ endpoint: String, _ code: Int32) -> String? {
        switch code {
        case EADDRINUSE:
            "the address \(endpoint) is already in use: stop the other program or choose another"
        case EADDRNOTAVAIL, ENODEV:
            "no network interface of this machine has the address \(endpoint): "
                + "name one that it has, or * for all"
        case EACCES, EPERM:
            "no permission for \(endpoint): choose a port from 1024 on, "
                + "or a file in a directory that you may write to"
        case ENAMETOOLONG:
            "the file name of \(endpoint) takes \(endpoint.utf8.count - "ipc://".utf8.count) bytes "
                + "and may take 107: choose a shorter directory"
        case ENOENT, ENOTDIR:
            "the directory of \(endpoint) does not exist: create it first"
        case EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO:
            "'\(endpoint)' is not an address: write tcp://HOST:PORT or ipc:///PATH"
        default: nil
        }
    }

    /// ZeroMQ takes a port modulo 65,536.
    static func checkPort(of endpoint: String) throws(ZeroMQError) {
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":"),
            let port = Int(endpoint[colon...].dropFirst()), !(0...65_535).contains(port)
        else { return }
        throw ZeroMQError(doing: "use", endpoint: endpoint, code: EINVAL)
    }
}
