import CertificateRecords
public import Digests

extension RunFolder {
    /// The seals of the runs that were merged into this one, in the order of their folders
    /// (``MergedManifest/folder(ofPart:)``). Empty: it is no merged run, or one campaign of which the parts
    /// were not kept, and then it is checked by itself.
    ///
    /// - Throws: ``RunFolderError``.
    public func partSeals() throws -> [Digest] {
        guard try noiseLevels() == nil else { return [] }
        let manifest = try manifest()
        guard manifest.parts.isEmpty else { return manifest.parts.map(\.campaign) }
        guard (try? part(0)) != nil, let provenance = try? provenance(),
            let file = try? ObjectReader(provenance), case .array(let parts)? = file["parts"]
        else { return [] }
        return parts.compactMap { try? ObjectReader($0).digest("campaign") }
    }

    /// The folder of a part of a merged run.
    ///
    /// - Throws: ``RunFolderError`` if there is none.
    public func part(_ place: Int) throws -> RunFolder {
        try RunFolder(at: "\(path)/\(MergedManifest.folder(ofPart: place))")
    }
}
