import ArgumentParser
import CampaignKeys
import Foundation
import Sodium

/// Makes, shows, allows and revokes keys.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, show, allow and revoke the keys of workers.",
        discussion: """
            A coordinator with keys lets in only the workers that it allows, and all that they say \
            to each other is encrypted:

              wardein keys new alice --keys keys     # makes keys/alice.key
              wardein coordinate --keys keys --listen tcp://*:5555 …

            and where the worker runs, with a copy of that file (scp -p keeps its mode):

              wardein work --keys alice.key --connect tcp://COORDINATOR:5555

            A file may serve many workers, for example all of an array job. A revoked worker is \
            dropped within a second or two, and cannot come back.
            """,
        subcommands: [New.self, Show.self, Allow.self, Revoke.self, Signing.self])

    /// The folder of a coordinator's keys.
    struct Folder: ParsableArguments {
        @Option(name: .customLong("keys"), help: "The folder of the coordinator's keys.")
        var path: String
    }

    /// Makes keys.
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Make the key file of a worker and allow it; without a name, only the folder.",
            discussion: """
                Makes the folder and the coordinator's key too, if they are missing. Never \
                overwrites a file.
                """)

        @Argument(help: "By which the worker is to be known.")
        var name: String?

        @OptionGroup var folder: Folder

        func run() throws {
            let keys = try KeyFolder.make(at: folder.path)
            guard let name else {
                print("The coordinator's key is in \(keys.path)/coordinator.key: it stays there.")
                return
            }
            let key = try keys.makeWorkerKey(named: name)
            print("The key of \(name) is in \(key.path), and is allowed.")
            print("Take it to the worker (scp -p) and start: wardein work --keys \(name).key …")
        }
    }

    /// Makes a key that signs runs.
    struct Signing: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key that signs runs: signing.key and signing.pub.",
            discussion: """
                Sign with certify --sign signing.key or, afterwards, wardein sign RUN --key \
                signing.key. Whoever has signing.pub can check that: wardein verify RUN --public-key \
                signing.pub. It is of another kind than the keys of workers. Never overwrites a file.
                """)

        @Option(name: [.short, .long], help: "The folder to make them in.")
        var output: String

        func run() throws {
            let key = try SigningKeyFiles.make(in: output)
            print("The key is in \(output)/\(SigningKeyFiles.secretName): keep it to yourself.")
            print("Give \(output)/\(SigningKeyFiles.publicName) to whoever is to check:")
            print("  signing-public \(key.hex)")
        }
    }

    /// Shows public keys.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public keys of the coordinator and of the workers it allows.",
            discussion: "With --keys FILE: the public keys in the key file of a worker.")

        @OptionGroup var folder: Folder

        func run() throws {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
            guard exists, !isFolder.boolValue else {
                let keys = try KeyFolder(at: folder.path)
                print("coordinator \(keys.coordinator.publicKey)")
                for worker in try keys.allowedWorkers() { print("\(worker.name) \(worker.key)") }
                return
            }
            let key = try WorkerKey(at: folder.path)
            print("coordinator \(key.coordinator)")
            print("\(key.name) \(key.keys.publicKey)")
        }
    }

    /// Allows a key that was made elsewhere, or revoked.
    struct Allow: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let in the workers that hold a key.")

        @Argument(help: "By which the worker is known: the name in its key file.")
        var name: String

        @Argument(help: "Its public key, as wardein keys show prints it.")
        var publicKey: String

        @OptionGroup var folder: Folder

        func run() throws {
            guard let key = PublicKey(hex: publicKey.utf8) else {
                throw KeyError.publicKey(publicKey)
            }
            try KeyFolder(at: folder.path).allow(name, key)
            print("\(name) is allowed.")
        }
    }

    /// Revokes a key.
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let in a worker no longer; one that is connected is dropped.")

        @Argument(help: "The name of the worker.")
        var name: String

        @OptionGroup var folder: Folder

        func run() throws {
            try KeyFolder(at: folder.path).revoke(name)
            print("\(name) is revoked. A coordinator that runs drops it within a second or two.")
        }
    }
}
