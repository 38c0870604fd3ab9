import CertificateRecords
import ConfidenceBounds
import Testing

/// The tables that this field's scripts write, in all their dialects; and what is none.
@Suite struct CertificateTableTests {
    private static let cohen = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"

    private func table(_ lines: String..., header: String = cohen) throws -> CertificateTable {
        try CertificateTable(reading: header + lines.joined(separator: "\n") + "\n")
    }

    @Test func `a table of Cohen's script is read`() throws {
        let table = try table(
            "0\t3\t3\t1.25\t1\t0:02:31.238689", "20\t8\t8\t0.00602\t1\t1 day, 0:00:15",
            "40\t0\t-1\t0.0\t0\t0:00:15.238689", "60\t6\t4\t6e-05\t0\t15.4")
        #expect(table.dialect == .certification)
        #expect(table.rows.map(\.index) == [0, 20, 40, 60])
        #expect(table.rows.map(\.label) == [3, 8, 0, 6])
        #expect(table.rows.map(\.answer) == [3, 8, nil, 4])
        #expect(table.rows.map { $0.radius?.value } == [1.25, 0.00602, nil, 6e-05])
        #expect(table.rows.map(\.line) == [2, 3, 4, 5])
    }

    @Test(arguments: [
        ("spaces around the tabs", "0\t 3 \t 3\t 1.2500 \t1\t15.4 ", 3, 1.25),
        ("labels of PyTorch", "0\ttensor([3])\t3\t1.25\t1\t15.4", 3, 1.25),
        (
            "labels on a device", "0\ttensor(3, device='cuda:0')\ttensor([3])\t1.25\t1\t15.4", 3,
            1.25
        ),
        ("abstention by class", "0\t3\t-1\t0.0\t0\t15.4", nil, nil),
        ("abstention by radius", "0\t3\t3\t-0.13\t0\t15.4", nil, nil),
        ("abstention by radius, right before it", "0\t3\t3\t-0.13\t1\t15.4", nil, nil),
        ("abstention by both", "0\t3\t-1\t-1.0\t0\t15.4", nil, nil),
        ("line ends of Windows", "0\t3\t3\t1.25\t1\t15.4\r", 3, 1.25),
        ("unknown label", "0\t-1\t3\t1.25\t0\t15.4", 3, 1.25),
    ])
    func `dialects say the same`(name: String, line: String, answer: Int?, radius: Double?) throws {
        let row = try #require(try table(line).rows.first, "\(name)")
        #expect(row.answer == answer && row.radius?.value == radius, "\(name)")
    }

    @Test func `tables with other columns are read`() throws {
        let prediction = try table(
            "0\t3\t3\t1\t0:00:01", "1\t3\t-1\t0\t0:00:01",
            header: "idx\tlabel\tpredict\tcorrect\ttime\n")
        #expect(prediction.dialect == .prediction)
        #expect(prediction.rows.map(\.answer) == [3, nil])
        #expect(prediction.rows.allSatisfy { $0.radius == nil })

        let adaptive = try table(
            "0\t3\t3\t0.5\t1\t1\t2\t0.99\t0:00:01", "1\t3\t3\t0.5\t0\t1\t3\t0.7\t0:00:01",
            "2\t3\t-1\t0.5\tFalse\t0\t3\t0.7\t0:00:01",
            header:
                "idx\tlabel\tpredict\tradius\tproved\tcorrect\tlevels_needed\testimated_pr\ttime\n"
        )
        #expect(adaptive.dialect == .adaptive)
        #expect(adaptive.rows.map(\.answer) == [3, nil, nil])
        #expect(adaptive.rows.map { $0.radius?.value } == [0.5, nil, nil])

        let specific = try table(
            "0\t3\t3\t0.990\t1000\t0.582\t1\t15.400", "1\t3\t-1\t0.400\t0\t0.000\t0\t0.100",
            "===Certification Summary(relative)===", "image number=2, total time=30",
            header: "idx\tlabel\tpredict\tpA\tsamplesize\tradius\tcorrect\ttime_forward\n")
        #expect(specific.dialect == .inputSpecific)
        #expect(specific.rows.map { $0.radius?.value } == [0.582, nil])
    }

    @Test func `a header without lines is a table of nothing`() throws {
        #expect(try CertificateTable(reading: Self.cohen).rows.isEmpty)
        #expect(try CertificateTable(reading: Self.cohen + "\n \n").rows.isEmpty)
    }

    /// One sentence with the line, the value and what would be right.
    @Test(arguments: [
        ("0\t3\t3\t1.25\t1", 2, "there are 5 columns in '0 3 3 1.25 1', but the header has 6"),
        ("0 3 3 1.25 1 15.4", 2, "there are 1 columns"),
        ("0\t3\t3\t1.25\t1\t15.4\n\n1\t3\t3\t1.25\t1\t15.4", 3, "the line is empty"),
        ("x\t3\t3\t1.25\t1\t15.4", 2, "'idx' is 'x', but it must be a whole number of at least 0"),
        ("-1\t3\t3\t1.25\t1\t15.4", 2, "'idx' is '-1'"),
        ("0\t3.0\t3\t1.25\t1\t15.4", 2, "'label' is '3.0'"),
        ("0\ttensor([3, 4])\t3\t1.25\t1\t15.4", 2, "'label' is 'tensor([3, 4])'"),
        ("0\t3\t-2\t1.25\t1\t15.4", 2, "'predict' is '-2'"),
        ("0\t3\t3\tnan\t1\t15.4", 2, "'radius' is 'nan', but it must be a finite number"),
        ("0\t3\t3\tinf\t1\t15.4", 2, "'radius' is 'inf'"),
        ("0\t3\t3\t1,25\t1\t15.4", 2, "'radius' is '1,25'"),
        ("0\t3\t3\t0x1p3\t1\t15.4", 2, "'radius' is '0x1p3'"),
        ("0\t3\t-1\t0.5\t0\t15.4", 2, "'radius' is '0.5', but 'predict' is -1"),
        ("0\t3\t3\t1.25\t0\t15.4", 2, "'correct' is 0, but 'predict' is 3 and 'label' is 3"),
        ("0\t3\t4\t1.25\t1\t15.4\n1\t3\t4\t1.25\t1\t15.4", 2, "'correct' is 1, but 'predict' is 4"),
        ("0\t3\t3\t1.25\tTrue\t15.4", 2, "'correct' is 'True'"),
        ("0\t3\t3\t1.25\t1\tsoon", 2, "'time' is 'soon', but it must be a time such as 0:02:31"),
        ("0\t3\t3\t1.25\t1\t0:61:00", 2, "'time' is '0:61:00'"),
        ("0\t3\t3\t1.25\t1\t-4", 2, "'time' is '-4'"),
        ("7\t3\t3\t1.25\t1\t15.4\n7\t3\t3\t1.25\t1\t15.4", 3, "index 7 was in line 2 already"),
    ])
    func `what is not understood is refused with its line`(
        lines: String, number: Int, says: String
    ) throws {
        let error = try #require(throws: CertificateTableError.self) {
            try table(lines)
        }
        #expect(error.line == number)
        #expect(error.description.contains(says), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test func `a running total is refused by its name`() throws {
        let error = try #require(throws: CertificateTableError.self) {
            try table(
                "0\t3\t3\t1.25\t1\t1", "1\t3\t4\t1.25\t1\t1", "2\t5\t5\t1.25\t2\t1")
        }
        #expect(error.line == 3)
        #expect(error.description.contains("it is a running total"), "\(error)")
    }

    @Test(arguments: [
        "", "idx,label,predict,radius,correct,time\n", "idx label predict radius correct time\n",
        "idx\tlabel\tpredict\tradius\n", "label\tidx\tpredict\tradius\tcorrect\ttime\n",
    ])
    func `a file with another header is no such table`(text: String) throws {
        let error = try #require(throws: CertificateTableError.self) {
            try CertificateTable(reading: text)
        }
        #expect(error.line == 1)
    }
}

@Suite struct PrintedNumberTests {
    /// What `'{:.3}'.format(x)` prints of x may be half a unit of the last digit above x, and no more.
    @Test(arguments: [
        ("1.96", 1.955), ("0.5", 0.45), ("0.00602", 0.006015), ("6e-05", 5.5e-05), ("2", 1.5),
        ("0.7500", 0.74995), ("-0.13", -0.135), (".5", 0.45), ("1.2E1", 11.5),
    ])
    func `half a unit of the last digit is allowed for`(text: String, smallest: Double) throws {
        let bound = try #require(PrintedNumber(text)).smallest.value
        #expect(bound <= smallest)
        #expect(abs(bound - smallest) < 1e-15 * max(1, abs(smallest)))
    }

    @Test(arguments: ["", "-", "1.2.3", "1e", "e5", "nan", "inf", "0x10", " 1", "1 ", "1e999", "١"])
    func `what is no decimal number is none`(text: String) {
        #expect(PrintedNumber(text) == nil)
    }
}
