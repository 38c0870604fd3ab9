"""Compares what a Prometheus has scraped with what a finished campaign has written.

    python3 check_prometheus.py PROMETHEUS RUN DASHBOARD.json

The last value of every metric that says how far the campaign was must be that of records.jsonl and
provenance.json, for each worker too. Every alert must have been evaluated without an error, and every
query of the dashboard answered. Prints how many values and queries were compared, and fails at the first
that is not as it should be.
"""

import json
import pathlib
import re
import sys
import time
import urllib.parse
import urllib.request

# Queries that have no answer when nothing went wrong, or when nothing is left to do.
MAY_BE_EMPTY = ("> 0", "time_left")


class Prometheus:
    def __init__(self, address):
        self.address = address

    def ask(self, path, **parameters):
        url = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url) as answer:
            page = json.load(answer)
        assert page["status"] == "success", page
        return page["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def last(self, metric, **labels):
        """The last value that was scraped, of the one series that has these labels."""
        choice = ",".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
        result = self.query(f"last_over_time({metric}{{{choice}}}[10m])")
        assert len(result) == 1, (metric, labels, result)
        return float(result[0]["value"][1])


def main(address, run, dashboard):
    prometheus, run = Prometheus(address), pathlib.Path(run)
    provenance = json.loads((run / "provenance.json").read_text())
    records = [json.loads(line) for line in (run / "records.jsonl").open()]
    values = compare(prometheus, str(run), provenance, records)
    rules = check_rules(prometheus)
    queries = check_dashboard(prometheus, json.loads(pathlib.Path(dashboard).read_text()))
    print(f"{values} values agree; {rules} alerts evaluated; {queries} queries of the dashboard answered")


def compare(prometheus, campaign, provenance, records):
    def count(condition):
        return sum(1 for record in records if condition(record))

    certified = count(lambda r: r["outcome"] == "certified")
    right = count(lambda r: r["outcome"] == "certified" and r["class"] == r["label"])
    expected = [
        ("wardein_samples_settled_total", {}, provenance["samplesSettled"]),
        ("wardein_samples_expected", {}, provenance["samplesSettled"]),
        ("wardein_samples_resumed", {}, 0),
        ("wardein_inputs", {}, len(records)),
        ("wardein_inputs_decided_total", {}, len(records)),
        ("wardein_records", {"outcome": "certified"}, certified),
        ("wardein_records", {"outcome": "abstained"}, len(records) - certified),
        ("wardein_records_labelled", {}, len(records)),
        ("wardein_records_correct", {}, right),
        ("wardein_campaign_state", {"state": "finished"}, 1),
        ("wardein_campaign_info", {"seal": provenance["campaign"]}, 1),
        ("wardein_incidents_total", {"kind": "worker_joined"}, 2),
        ("wardein_incidents_total", {"kind": "worker_lost"}, 1),
    ]
    assert len(provenance["workers"]) == 2
    for worker in provenance["workers"]:
        for metric, key in (
            ("samples_settled", "samples"), ("late_tallies", "lateTallies"),
            ("repeated_tallies", "repeatedTallies"), ("refused_tallies", "refusedTallies"),
        ):
            name = {"worker": worker["name"]}
            expected.append((f"wardein_worker_{metric}_total", name, worker[key]))
    for metric, labels, value in expected:
        scraped = prometheus.last(metric, campaign=campaign, **labels)
        assert scraped == value, f"{metric} {labels}: {scraped} was scraped, {value} was written"
    grown = prometheus.query("max_over_time(rate(wardein_samples_settled_total[5s])[10m:1s])")
    assert float(grown[0]["value"][1]) > 0, grown
    return len(expected)


def check_rules(prometheus):
    deadline = time.time() + 30
    while True:
        rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
        if rules and all(rule["health"] == "ok" for rule in rules):
            break
        assert time.time() < deadline, rules
        time.sleep(0.5)
    for rule in rules:
        for metric in re.findall(r"\b(?:wardein|process)_[a-z_]+", rule["query"]):
            there = prometheus.query(f"last_over_time({metric}[10m])")
            assert there, f"{rule['name']}: nobody has {metric}"
    return len(rules)


def check_dashboard(prometheus, dashboard):
    """At the time when the campaign ran: half a minute before the last scrape there may be nothing."""
    scrapes = prometheus.query("wardein_build_info[10m]")[0]["values"]
    middle = scrapes[len(scrapes) // 2][0]
    queries = 0
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = (
                target["expr"].replace("$__rate_interval", "5s").replace("$campaign", ".*")
                .replace("$job", ".*")
            )
            result = prometheus.ask("query", query=expression, time=middle)["result"]
            is_there = result or any(mark in expression for mark in MAY_BE_EMPTY)
            assert is_there, f"{panel['title']}: nothing for {expression}"
            queries += 1
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids) and queries >= len(ids), "a panel has no query or no number"
    return queries


if __name__ == "__main__":
    main(*sys.argv[1:])
