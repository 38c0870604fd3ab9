import CampaignKeys
import Foundation
import WorkerService

extension MachineCheck {
    /// Whether a coordinator answers at the address, and how its clock differs from this one. Asks
    /// how far the campaign is, so it counts as no worker.
    ///
    /// - Parameter keys: the key file of a worker; nil: the coordinator asks for none.
    public static func reaching(_ address: String, keys: String?) -> [Finding] {
        do {
            let sent = Date().timeIntervalSince1970
            let status = try StatusInquiry.status(
                at: address, key: try keys.map { try WorkerKey(at: $0) })
            let arrived = Date().timeIntervalSince1970
            return [.ok("connect", "\(address) coordinates a campaign")]
                + otherClock(in: status, sent: sent, arrived: arrived)
        } catch StatusInquiry.Failure.over {
            return [.warn("connect", "the campaign at \(address) is over", mend: nil)]
        } catch let silence as StatusInquiry.Failure where silence.isSilence {
            return [
                .fail(
                    "connect", "\(silence)",
                    mend: "start it first; look at the address, the firewall and --keys")
            ]
        } catch {
            return [.fail("connect", "\(error)", mend: nil)]
        }
    }

    private static func otherClock(
        in status: String, sent: Double, arrived: Double
    ) -> [Finding] {
        struct Moment: Decodable { let updated: Date }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let moment = try? decoder.decode(Moment.self, from: Data(status.utf8)) else {
            return []
        }
        // Written to the whole second.
        let time = moment.updated.timeIntervalSince1970 + 0.5
        return [ClockComparison(time, sent: sent, arrived: arrived).finding]
    }
}

/// Another machine's clock, read between two moments of this one's.
struct ClockComparison {
    /// By how many seconds they differ at least.
    let difference: Double

    init(_ time: Double, sent: Double, arrived: Double) {
        difference = max(0, time - arrived, sent - time)
    }

    /// Records do not depend on clocks, so a wrong one is no more than a nuisance.
    var finding: Finding {
        let value = "\((difference * 10).rounded() / 10) s from the other machine's"
        return difference < 60
            ? .ok("clock", value)
            : .warn(
                "clock", value + ", so times in logs will not fit together",
                mend: "timedatectl set-ntp true")
    }
}

extension StatusInquiry.Failure {
    fileprivate var isSilence: Bool {
        if case .silence = self { true } else { false }
    }
}
