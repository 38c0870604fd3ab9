import GRDB
import Glibc

/// Why a ledger cannot be used, in a sentence.
public enum LedgerError: Error, Hashable, Sendable {
    /// The file cannot be read or written; the system's reason.
    case unusable(String, String)
    /// The file is something else, and what.
    case foreign(String, String)
    /// Others have written to it for so long that this one gave up.
    case inUse(String)
    /// Something in it is not as it was written, and what.
    case damaged(String, String)
}

extension LedgerError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String {
        switch self {
        case .unusable(let path, let reason):
            "the ledger \(path) cannot be used: \(reason); name another place with --ledger"
        case .foreign(let path, let what):
            "\(path) is not a ledger of runs: \(what); name another place with --ledger"
        case .inUse(let path):
            "the ledger \(path) is being written by another coordinator all the time; try again"
        case .damaged(let path, let fault):
            "the ledger \(path) is damaged: \(fault); restore it from a copy (with --ledger none a run "
                + "goes without, and its records say so)"
        }
    }
}

extension LedgerError {
    /// What SQLite, or this module inside a closure of GRDB, has thrown.
    init(_ error: any Error, path: String, system: Int32 = 0) {
        if let error = error as? LedgerError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .unusable(path, "\(error)")
            return
        }
        let message = error.message ?? "SQLite gives the code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path)
        case .SQLITE_NOTADB: self = .foreign(path, message)
        case .SQLITE_CORRUPT: self = .damaged(path, message)
        default:
            let reason = system == 0 ? "" : " (\(String(cString: strerror(system))))"
            self = .unusable(path, message + reason)
        }
    }
}
