import CampaignMessages
import CampaignScheduling
import Foundation
import ZeroMQ

/// Asks a coordinator how far its campaign is, over the socket at which workers reach it.
public enum StatusInquiry {
    /// Why there is no status.
    public enum Failure: Error, CustomStringConvertible {
        /// Nobody answered in this time.
        case silence(String, seconds: Double)
        /// The campaign has just ended.
        case over(String)

        /// One sentence.
        public var description: String {
            switch self {
            case .silence(let endpoint, let seconds):
                "no coordinator answered at \(endpoint) within \(Int(seconds)) seconds; is it "
                    + "running there, and reachable from here?"
            case .over(let endpoint): "the campaign at \(endpoint) is over"
            }
        }
    }

    /// The status of the campaign that is coordinated at an address.
    public static func status(
        at endpoint: String, patience: Duration = .seconds(5)
    ) throws -> CampaignStatus {
        let context = try Context()
        var options = SocketOptions()
        options.ipv6 = endpoint.contains("[")
        var socket = try Socket(.dealer, in: context, options: options)
        try socket.connect(endpoint)
        _ = try socket.send(WireFormat.encode(.statusRequest))
        let clock = ContinuousClock()
        let end = clock.now + patience
        let nobody = try Wakeup()
        while clock.now < end {
            _ = try Poller.wait(on: socket, wakeup: nobody, timeout: end - clock.now)
            guard case .message(let frames)? = try socket.receive(),
                let answer = try? WireFormat.decodeCoordinatorMessage(frames)
            else { continue }
            switch answer {
            case .status(let json):
                if let status = CampaignStatus(json: Data(json.utf8)) { return status }
            case .goodbye: throw Failure.over(endpoint)
            default: continue
            }
        }
        throw Failure.silence(endpoint, seconds: patience.inSeconds)
    }
}
