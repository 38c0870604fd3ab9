public import CertificationReports
import CertificateRecords
import DataSets
import Foundation
import RandomizedSmoothing
import RunFolders

/// Reads a campaign's folder and makes its report.
public struct ReportWriter: Sendable {
    /// The report.
    public let report: CampaignReport
    /// What it lacks and why, for the terminal; nil: nothing.
    public let remark: String?

    /// The names of the files of a report.
    public static let fileNames = ["report.html", "report.md", "report.csv"]

    /// Reads whatever the report needs; writes nothing.
    ///
    /// - Throws: one sentence: ``RunFolderError``, ``ReportError`` or ``DataSetError``.
    public init(_ request: ReportRequest) throws {
        let campaign = try CampaignReader(request.run)
        try ReportWriter.check(request, campaign)
        var setting = CampaignReport.Setting()
        setting.doesNotClaim = campaign.doesNotClaim
        setting.assumes = campaign.assumes
        setting.threatRadius = request.threatRadius
        setting.pricePerHour = request.pricePerHour
        setting.audience = request.audience
        setting.effort = campaign.effort
        let (inputs, absence) = try ReportWriter.inputs(request, campaign)
        try ReportWriter.draw(inputs, absence, campaign, request, into: &setting)
        remark = absence.map { "No pictures: \($0)." }
        report = try CampaignReport(
            manifest: campaign.manifest, inputs: campaign.inputs, ceiling: campaign.ceiling,
            setting: setting)
    }

    private static func check(_ request: ReportRequest, _ campaign: CampaignReader) throws {
        let stopping = campaign.manifest.plan.stopping
        if stopping.predicts, request.threatRadius != nil { throw ReportError.noRadii }
        guard request.audience == .public, request.threatRadius == nil, !stopping.predicts else {
            return
        }
        if case .whenDecided = stopping { return }
        throw ReportError.tiersNeedRadius
    }

    /// The campaign's inputs, or why they are not to be had. What a user names has to be right; what
    /// the provenance names may be gone.
    private static func inputs(
        _ request: ReportRequest, _ campaign: CampaignReader
    ) throws -> (CampaignInputs?, String?) {
        if let path = request.inputs {
            let inputs = try CampaignInputs(
                path, member: request.inputsMember, manifest: campaign.manifest)
            return (inputs, nil)
        }
        guard let path = campaign.effort?.files["inputs"] else {
            return (nil, "the file of inputs is not known; name it with --inputs")
        }
        do {
            let inputs = try CampaignInputs(
                path, member: request.inputsMember, manifest: campaign.manifest)
            return (inputs, nil)
        } catch {
            return (nil, "\(error)".trimmingCharacters(in: ["."]))
        }
    }

    private static func draw(
        _ inputs: CampaignInputs?, _ absence: String?, _ campaign: CampaignReader,
        _ request: ReportRequest, into setting: inout CampaignReport.Setting
    ) throws {
        // A large noisy picture hardly compresses: fewer of them keep the page below some megabytes.
        let isLarge = campaign.manifest.model.inputShape.reduce(1, *) > 50_000
        let extremes = CampaignReport.extremes(of: campaign.inputs, each: isLarge ? 3 : 6)
            .map { campaign.inputs[$0] }
        setting.gallery = extremes.map {
            GalleryItem(input: $0, picture: nil, noisyPictures: [])
        }
        guard let inputs else {
            if request.wantsContext { throw ReportError.noInputs(absence ?? "no inputs") }
            setting.noPictures = absence.map { "There are no pictures: \($0)." }
            return
        }
        let range = try range(of: inputs, campaign)
        if request.audience == .operator {
            let drawing = try PictureDrawing(inputs, manifest: campaign.manifest, range: range)
            if let drawing {
                setting.gallery = try extremes.map(drawing.item)
            } else {
                setting.noPictures = "There are no pictures: the inputs are no images."
            }
        }
        if request.wantsContext {
            setting.context = try ContextMeasurement(
                inputs, manifest: campaign.manifest, range: range
            ).context(of: campaign.inputs)
        }
    }

    /// From black to white, in steps: of bytes all of them; of other numbers [0, 1], and what the inputs
    /// reach beyond it.
    private static func range(
        of inputs: CampaignInputs, _ campaign: CampaignReader
    ) throws -> ClosedRange<Double> {
        if inputs.areBytes { return 0...255 }
        var (low, high) = (0.0, Double(campaign.manifest.noise.stepsPerUnit))
        for record in campaign.inputs {
            for value in try inputs.values(of: record.index) {
                (low, high) = (min(low, Double(value)), max(high, Double(value)))
            }
        }
        return low...high
    }
}

extension ReportWriter {
    /// Writes the files into a folder, which is made if it is not there; each is there whole or not at
    /// all.
    ///
    /// - Throws: ``ReportError``.
    public func write(to folder: String) throws {
        let contents = [try report.html, try report.markdown, report.csv]
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw ReportError.unwritable(folder, ReportWriter.reason(error))
        }
        for (name, text) in zip(ReportWriter.fileNames, contents) {
            let path = "\(folder)/\(name)"
            do {
                try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            } catch {
                throw ReportError.unwritable(path, ReportWriter.reason(error))
            }
        }
    }

    private static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return cause.domain == NSPOSIXErrorDomain
            ? String(cString: strerror(Int32(cause.code))) : "it cannot be made there"
    }
}
