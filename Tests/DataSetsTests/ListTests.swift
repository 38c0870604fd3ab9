import DataSets
import Testing

@Suite struct LabelSetTests {
    @Test(arguments: expectedLists)
    func `every encoding of a list gives the same labels`(expected: ExpectedList) throws {
        let list = try LabelSet.load(
            path: fixture(expected.file), member: expected.member, count: expected.values.count,
            classes: 100)
        #expect(list.labels == expected.values)
    }

    @Test(arguments: [
        ("fmnist500-labels-idx1-ubyte.gz", 500, expectedFashionHistogram),
        ("digits450_labels.npy", 450, expectedDigitsHistogram),
    ])
    func `the demo labels are those that numpy reads`(
        file: String, count: Int, histogram: [Int]
    ) throws {
        let list = try LabelSet.load(path: demo(file), count: count, classes: 10)
        var counts = [Int](repeating: 0, count: 10)
        for label in list.labels { counts[label] += 1 }
        #expect(counts == histogram)
    }

    @Test(arguments: [
        ("2\n0\n1\n2\n", 3, "there are 4 labels for 3 images"),
        ("2\n0\n", 3, "there are 2 labels for 3 images"),
        ("2\n3\n1\n", 3, "the label of image 1 is 3, but the model has the classes 0 to 2"),
        ("2\n0\n-1\n", 3, "the label of image 2 is -1"),
        ("2 0\n1\n", 3, "line 1 must be one whole number"),
        ("2\n\n9-9\n", 3, "line 3 must be one whole number"),
        ("99999999999999999999\n", 1, "line 1 must be one whole number"),
        ("two\n", 1, "line 1 is 'two', but it must be one whole number"),
        ("1\n2.5\n", 2, "line 2 is '2.5', but it must be one whole number"),
        ("\u{1}\u{2}\n", 1, "fit no format that is understood"),
        ("", 1, "the file is empty"),
    ])
    func `labels that do not belong are refused`(
        text: String, count: Int, complaint: String
    ) throws {
        let file = try TemporaryFile(text)
        let found = try #require(
            sentence { () throws(DataSetError) in
                try LabelSet.load(path: file.path, count: count, classes: 3)
            })
        #expect(found.hasPrefix(file.path))
        #expect(found.contains(complaint))
    }

    @Test(arguments: [
        (npy("<f4", "1,", body: [0, 0, 0, 0]), "the elements are float32"),
        (npy("|b1", "1,", body: [0]), "the elements are bool"),
        (npy("|u1", "1, 3", body: [0, 0, 1]), "shape [1, 3]"),
        (npy("|u1", "1, 3", body: [0, 0, 1]), "y.argmax(axis=1)"),
        (npy("|u1", "", body: [0]), "shape []"),
        (npy("<u8", "1,", body: [UInt8](repeating: 255, count: 8)), "2^63 or more"),
    ])
    func `an array that is no list of integers is refused`(
        bytes: [UInt8], complaint: String
    ) throws {
        let file = try TemporaryFile(bytes)
        let found = sentence { () throws(DataSetError) in
            try LabelSet.load(path: file.path, count: 1, classes: 3)
        }
        #expect(found?.contains(complaint) == true)
    }
}

@Suite struct IndexSelectionTests {
    @Test func `indices keep their order`() throws {
        let file = try TemporaryFile("7\n3\n9\n0\n")
        #expect(try IndexSelection.load(path: file.path, count: 10).indices == [7, 3, 9, 0])
    }

    @Test func `the demo indices are every twentieth`() throws {
        let selection = try IndexSelection.load(path: demo("fmnist500_indices.npy"), count: 10_000)
        #expect(selection.indices == Array(stride(from: 0, to: 10_000, by: 20)))
    }

    @Test(arguments: [
        ("4\n5\n4\n", "index 4 is given twice (entries 0 and 2"),
        ("4\n10\n", "index 10 (entry 1, counted from 0) selects none of the 10 images"),
        ("-1\n", "index -1 (entry 0"),
        ("\n", "there are no indices"),
    ])
    func `indices that select nothing new are refused`(text: String, complaint: String) throws {
        let file = try TemporaryFile(text)
        let found = sentence { () throws(DataSetError) in
            try IndexSelection.load(path: file.path, count: 10)
        }
        #expect(found?.contains(complaint) == true)
    }
}
