"""Prints the manifests of a campaign without what Kubernetes 1.20 does not know, for the one that
scripts/try-kubernetes can build of Debian's packages. What is lost: a Job of that age has no indices and
no rules about exit codes, so a worker that is refused is started again and again, up to backoffLimit.

    kubernetes_120.py FOLDER | kubectl apply -f -
    kubernetes_120.py --without-status FOLDER …        for a program that has no --status-listen
"""

import sys

import yaml

from kustomization import containers, render


def adapt(each):
    spec = each.get("spec", {})
    if each["kind"] == "Job":
        for key in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex"):
            del spec[key]
        spec["backoffLimit"] = 100
    if each["kind"] == "PodDisruptionBudget":
        each["apiVersion"] = "policy/v1beta1"
        del spec["unhealthyPodEvictionPolicy"]


def remove_status(container):
    arguments = container.get("args", [])
    if "--status-listen" in arguments:
        place = arguments.index("--status-listen")
        del arguments[place : place + 2]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        container.pop(probe, None)


if __name__ == "__main__":
    objects = render(sys.argv[-1])
    for each in objects:
        adapt(each)
        if sys.argv[1] == "--without-status":
            for container in containers(each):
                remove_status(container)
    print(yaml.safe_dump_all(objects))
