import Glibc

/// What is wrong with keys: one sentence with the offending value and what to do.
public enum KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A folder without a coordinator's key.
    case noFolder(String)
    /// There is no such file.
    case noFile(String)
    /// There is no such file for a key that signs.
    case noSigningFile(String)
    /// Something that is not a key file, or far too long for one.
    case noKeyFile(String)
    /// A file where a folder should be.
    case notAFolder(String)
    /// A key file where the coordinator's folder should be.
    case fileForFolder(String)
    /// A file that others may read or write, and its mode.
    case mode(String, UInt32)
    /// A folder that others may write to, and its mode.
    case folderMode(String, UInt32)
    /// A file of another user's, and whose.
    case owner(String, UInt32)
    /// A file that is there already.
    case exists(String)
    /// A key file without the line that begins with a word.
    case missingLine(String, String)
    /// A key file whose line of this word makes no sense.
    case value(String, String)
    /// A list of allowed workers whose line of this number makes no sense.
    case line(String, Int)
    /// No name for a worker.
    case name(String)
    /// No public key.
    case publicKey(String)
    /// A name that another key has.
    case nameTaken(String)
    /// A key that has another name.
    case keyTaken(String)
    /// A worker that is not in the list of a folder.
    case notAllowed(String, String)
    /// The system refused: what was done, with what, and its error number.
    case system(String, String, Int32)

    /// The sentence, without the last full stop.
    public var description: String {
        switch self {
        case .noFolder(let path):
            "there is no coordinator's key in \(path): make it with "
                + "wardein keys new --keys \(path)"
        case .noFile(let path):
            "there is no file \(path): wardein keys new NAME --keys DIR makes one where the "
                + "coordinator's keys are"
        case .noSigningFile(let path):
            "there is no file \(path): wardein keys signing --output DIR makes signing.key and "
                + "signing.pub"
        case .noKeyFile(let path): "\(path) is not a key file: name one that wardein keys new made"
        case .notAFolder(let path): "\(path) is not a folder: name one for the keys"
        case .fileForFolder(let path):
            "\(path) is a file, but what is needed here is the folder of the coordinator's keys, "
                + "which wardein keys new makes: a key file is what a worker needs"
        case .mode(let path, let mode):
            "others may read or write \(path) (mode \(octal(mode))): chmod 600 \(path)"
        case .folderMode(let path, let mode):
            "others may write to the folder \(path) (mode \(octal(mode))): chmod 700 \(path)"
        case .owner(let path, let owner):
            "\(path) belongs to the user with the number \(owner), not to you: "
                + "sudo chown \(geteuid()) \(path)"
        case .exists(let path):
            "\(path) is there already and is not overwritten: choose another name, or remove it"
        case .missingLine(let path, let word):
            "\(path) has no line '\(word) …', so it is not the key file that is needed here"
        case .value(let path, let word):
            "the line '\(word) …' of \(path) is damaged: take the file anew from where it was made"
        case .line(let path, let number):
            "line \(number) of \(path) is not a name and a public key of 64 hexadecimal digits: "
                + "mend or remove it"
        case .name(let name):
            "'\(name)' cannot name a worker: use up to 64 letters, digits, '.', '_' and '-', "
                + "but not 'coordinator'"
        case .publicKey(let text):
            "'\(text)' is not a public key of 64 hexadecimal digits, as wardein keys show prints it"
        case .nameTaken(let name):
            "\(name) is allowed already with another key: revoke it first, or choose another name"
        case .keyTaken(let name): "this key is allowed already, as \(name)"
        case .notAllowed(let name, let path):
            "\(name) is not allowed in \(path), so there is nothing to revoke"
        case .system(let action, let path, let code):
            "cannot \(action) \(path): \(String(cString: strerror(code)))"
        }
    }

    private func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
}
