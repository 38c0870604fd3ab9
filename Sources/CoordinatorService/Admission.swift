public import CampaignKeys

/// Who may count for a campaign.
public enum Admission: Sendable {
    /// The workers whose keys are allowed in a folder; what they say is encrypted.
    case keys(KeyFolder)
    /// Whoever reaches an address that only this machine can reach: `ipc`, or `tcp` on loopback.
    case thisMachine
    /// Whoever reaches the address; nothing is encrypted.
    case insecurePlaintext
}

extension Admission {
    /// Refuses an address that other machines may reach, unless keys or the caller say that it may
    /// be.
    public func check(_ address: String) throws {
        guard case .thisMachine = self, address.contains("://"),
            !Admission.isOnThisMachine(address)
        else { return }
        throw AdmissionError(address: address)
    }

    private static func isOnThisMachine(_ address: String) -> Bool {
        if address.hasPrefix("ipc://") || address.hasPrefix("inproc://") { return true }
        guard address.hasPrefix("tcp://"), let colon = address.lastIndex(of: ":") else {
            return false
        }
        let host = address[..<colon].dropFirst("tcp://".count)
        return ["localhost", "lo", "[::1]", "::1"].contains(String(host))
            || host.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
    }

    /// In the provenance file: how workers are told from strangers.
    var name: String {
        switch self {
        case .keys: "keys"
        case .thisMachine: "whoever is on this machine"
        case .insecurePlaintext: "insecure plaintext"
        }
    }
}

/// Why a coordinator does not listen at an address.
private struct AdmissionError: Error, CustomStringConvertible {
    let address: String

    var description: String {
        "other machines may reach \(address), and without keys anybody there could join: "
            + "give --keys DIR (wardein keys new --keys DIR makes it), listen at 127.0.0.1 or "
            + "ipc://, or accept that with --insecure-plaintext"
    }
}
