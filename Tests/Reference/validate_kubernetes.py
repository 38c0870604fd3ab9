"""Validates what folders with a kustomization.yaml render to against Kubernetes' own schemas of three
versions, strictly: a key that no version knows is an error. Also looks at what no schema asks for: that
no container has a privilege, and that everything that is referred to by name is there.

    validate_kubernetes.py FOLDER …
"""

import copy
import shutil
import subprocess
import sys

import kubernetes_validate
import yaml

from kustomization import render

# The oldest that has all fields that are used, one that many run, and the newest with schemas.
VERSIONS = ("1.30", "1.33", "1.37")


def is_valid(each):
    try:
        for version in VERSIONS:
            kubernetes_validate.validate(each, version, strict=True)
    except kubernetes_validate.ValidationError:
        return False
    return True


def check(objects):
    """That the objects fit together, and ask for no privilege."""
    by_kind = {}
    for each in objects:
        by_kind.setdefault(each["kind"], {})[each["metadata"]["name"]] = each
    for each in objects:
        kind, spec = each["kind"], each.get("spec", {})
        if "template" in spec:
            check_pod(spec["template"]["spec"], by_kind)
        if kind == "StatefulSet":
            assert spec["serviceName"] in by_kind["Service"]
        for selector in selectors(kind, spec):
            assert any(
                selector.items() <= other["spec"]["template"]["metadata"]["labels"].items()
                for other in objects
                if "template" in other.get("spec", {})
            ), f"{kind} selects nothing: {selector}"


def selectors(kind, spec):
    if kind == "Service":
        yield spec["selector"]
    if kind == "NetworkPolicy":
        yield spec["podSelector"]["matchLabels"]
        for rule in spec.get("ingress", []) + spec.get("egress", []):
            for peer in rule.get("from", []) + rule.get("to", []):
                if "podSelector" in peer:
                    yield peer["podSelector"]["matchLabels"]
    if kind in ("StatefulSet", "PodDisruptionBudget"):
        yield spec["selector"]["matchLabels"]


def check_pod(pod, by_kind):
    assert pod["automountServiceAccountToken"] is False
    settings = pod["securityContext"]
    assert settings["runAsNonRoot"] is True and settings["runAsUser"] > 0
    assert settings["seccompProfile"] == {"type": "RuntimeDefault"}
    volumes = {volume["name"] for volume in pod["volumes"]}
    for volume in pod["volumes"]:
        if "configMap" in volume:
            assert volume["configMap"]["name"] in by_kind["ConfigMap"]
    for container in pod.get("initContainers", []) + pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        mounted = {mount["name"] for mount in container["volumeMounts"]} - {"campaign"}
        assert mounted <= volumes, f"{container['name']}: {mounted - volumes} is no volume"


def damaged(each):
    """The object with a key that does not exist, and with a wrong value for each key of its spec."""
    other = copy.deepcopy(each)
    other["extra"] = 1
    yield "extra", other
    for key in each.get("spec", {}):
        other = copy.deepcopy(each)
        other["spec"][key] = [[0.5]]
        yield key, other


def main():
    valid = refused = compared = 0
    for folder in sys.argv[1:]:
        objects = render(folder)
        for each in objects:
            for version in VERSIONS:
                kubernetes_validate.validate(each, version, strict=True)
            valid += 1
            for place, other in damaged(each):
                assert not is_valid(other), f"{folder}: {each['kind']}.{place} may be anything"
                refused += 1
        check(objects)
        if shutil.which("kubectl"):
            text = subprocess.run(
                ["kubectl", "kustomize", folder], check=True, capture_output=True, text=True
            ).stdout
            theirs = [each for each in yaml.safe_load_all(text) if each]
            order = lambda each: (each["kind"], each["metadata"]["name"])
            assert sorted(objects, key=order) == sorted(theirs, key=order), folder
            compared += 1
    print(f"{valid} valid, {refused} damaged ones refused, {compared} compared with kubectl")


main()
