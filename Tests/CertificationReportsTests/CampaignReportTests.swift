import CertificateRecords
import CertificationReports
import Foundation
import RandomizedSmoothing
import Testing

/// What stands in the files of a report; that browsers show it, and that the figures are right, is for
/// `Tests/Reference/check_report.py`.
@Suite struct CampaignReportTests {
    @Test func `the scorecard comes first, and asks for a radius when none is given`() throws {
        let report = try ReportFixture.twenty().report()
        let page = try report.markdown
        #expect(page.contains("No threat radius was given"))
        let headings = page.split(separator: "\n").filter { $0.hasPrefix("## ") }
        #expect(headings.first == "## Scorecard")
        let judged = try ReportFixture.twenty().report { $0.threatRadius = try decimal("0.5") }
        #expect(!(try judged.markdown).contains("No threat radius"))
        #expect(try judged.markdown.contains("## Scorecard at radius 0.5"))
        #expect(try judged.html.contains("id=\"wrong\""))
    }

    @Test func `without labels nothing is said about right or wrong`() throws {
        let report = try ReportFixture.twenty(labelled: false).report {
            $0.threatRadius = try decimal("0.5")
        }
        let page = try report.html
        let body = try #require(page.range(of: "</style>")).upperBound
        for text in [String(page[body...]), try report.markdown] {
            #expect(!text.contains("recision") && !text.contains("ccuracy"))
            #expect(!text.contains("Wrong"))
        }
    }

    @Test func `predictions have no radius`() throws {
        let report = try ReportFixture.twenty(stopping: .predictedAtTheCap).report()
        let text = try report.markdown
        #expect(text.contains("# Prediction report") && text.contains("Accuracy of predictions"))
        #expect(!text.contains("By radius") && !text.contains("ceiling"))
        #expect(report.threatRadius == nil)
    }

    @Test func `a campaign that decided at a radius is judged at it`() throws {
        let report = try ReportFixture.twenty(stopping: .whenDecided(radius: 0.25)).report()
        #expect(report.threatRadius?.description == "0.25")
        #expect(try report.markdown.contains("There is no curve"))
        #expect(!(try report.html).contains("id=\"curve\""))
        let other = try ReportFixture.twenty(stopping: .whenDecided(radius: 0.25)).report {
            $0.threatRadius = try decimal("0.5")
        }
        #expect(try other.markdown.contains("decided at radius 0.25, and not at 0.5"))
    }

    @Test func `a threat beyond the ceiling is told from a bad classifier`() throws {
        let report = try ReportFixture.twenty().report { $0.threatRadius = try decimal("2") }
        #expect(try report.markdown.contains("No counts of this plan certify a radius of 2"))
    }

    @Test func `an unfinished campaign is called that`() throws {
        var fixture = try ReportFixture.twenty()
        fixture.manifest.inputs.indices.append(20)
        #expect(try fixture.report().markdown.contains("20 of its 21 inputs"))
    }

    /// Everything that comes from a file is text, and never markup.
    @Test func `no text of a file becomes markup`() throws {
        let program = "<script>alert(1)</script>\"'& `x` [a](b) \u{202E}"
        let report = try ReportFixture.twenty(program: program).report {
            $0.threatRadius = try decimal("0.5")
            $0.doesNotClaim = ["</style><img src=x onerror=y>"]
            $0.noPictures = "<u>"
            $0.gallery = [
                GalleryItem(
                    input: try ReportFixture.twenty().inputs[0], picture: nil, noisyPictures: [])
            ]
        }
        let html = try report.html
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
        for tag in ["<script", "<img", "<u>", "\u{202E}"] { #expect(!html.contains(tag)) }
        #expect(html.ranges(of: "</style>").count == 1)
        let markdown = try report.markdown
        #expect(markdown.contains("\\<script\\>") && markdown.contains("\\[a\\](b)"))
    }

    /// The only addresses in the page are names of places within it and data.
    @Test func `the page refers to nothing outside itself`() throws {
        let html = try ReportFixture.twenty().report { $0.threatRadius = try decimal("0.5") }.html
        for match in html.matches(of: /(?:src|href|url)\s*[=(]\s*"?([^"\s)>]*)/) {
            let address = match.output.1
            #expect(address.hasPrefix("#") || address.hasPrefix("data:"), "\(address)")
        }
        for word in ["http:", "https:", "@import", "<link rel=\"stylesheet"] {
            #expect(!html.contains(word))
        }
        #expect(html.contains("default-src 'none'"))
    }

    @Test func `every reference within the page has its place, and no place is there twice`() throws
    {
        let html = try ReportFixture.twenty().report { $0.threatRadius = try decimal("0.5") }.html
        let ids = html.matches(of: /\sid="([^"]*)"/).map { String($0.output.1) }
        #expect(Set(ids).count == ids.count)
        for match in html.matches(of: /href="#([^"]*)"/) {
            #expect(ids.contains(String(match.output.1)))
        }
        for match in html.matches(of: /aria-labelledby="([^"]*)"/) {
            for name in match.output.1.split(separator: " ") { #expect(ids.contains(String(name))) }
        }
    }
}

/// Radii of single inputs help an attacker.
@Suite struct PublicReportTests {
    private func report() throws -> CampaignReport {
        let fixture = try ReportFixture.twenty()
        return try fixture.report {
            $0.threatRadius = try decimal("0.5")
            $0.audience = .public
            $0.gallery = try fixture.inputs.map {
                GalleryItem(input: $0, picture: [1, 2, 3], noisyPictures: [])
            }
        }
    }

    @Test func `no file for the public has a radius of an input, a picture or the noise key`()
        throws
    {
        let fixture = try ReportFixture.twenty()
        let report = try report()
        for text in [try report.html, try report.markdown, report.csv] {
            #expect(!text.contains(ReportFixture.key) && !text.contains("data:image"))
            for input in try fixture.inputs where input.outcome == .certified {
                #expect(!text.contains(input.radius.description.prefix(5)))
            }
        }
        #expect(try report.markdown.contains("public version"))
    }

    @Test func `what an input has is its tier alone`() throws {
        let report = try report()
        let lines = report.csv.split(separator: "\n")
        #expect(lines[0] == "index,tier" && lines.count == 21)
        let tiers = Set(lines.dropFirst().map { $0.split(separator: ",")[1] })
        #expect(tiers == ["covered", "smaller", "abstained"])
        let inputs = try ReportFixture.twenty().inputs
        let expected = inputs.count { $0.outcome == .certified && $0.radius.nearest >= 0.5 }
        #expect(lines.count { $0.hasSuffix(",covered") } == expected)
    }
}
