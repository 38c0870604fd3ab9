"""Renders a kustomization: as much of kustomize as deploy/kubernetes uses, and no more.

What it does not know it refuses. Where kubectl is, validate_kubernetes.py compares the two."""

import copy
import pathlib

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "resources", "images", "patches"}
# What tells the elements of a list apart when a patch is merged into it.
KEYS = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "volumeMounts": "mountPath",
}


def render(folder):
    """The objects that `kubectl apply -k FOLDER` applies."""
    folder = pathlib.Path(folder)
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = set(plan) - KNOWN
    assert not unknown, f"{folder}/kustomization.yaml: {unknown} is not known here"
    objects = []
    for name in plan["resources"]:
        path = folder / name
        objects += render(path) if path.is_dir() else load(path)
    for patch in plan.get("patches", []):
        assert set(patch) == {"path", "target"} and set(patch["target"]) == {"kind"}, patch
        [change] = load(folder / patch["path"])
        targets = [each for each in objects if each["kind"] == patch["target"]["kind"]]
        assert targets, f"{folder}: {patch} changes nothing"
        for target in targets:
            merge(target, {key: change[key] for key in change if key != "metadata"})
    for each in objects:
        if "namespace" in plan:
            each["metadata"]["namespace"] = plan["namespace"]
        for container in containers(each):
            for image in plan.get("images", []):
                rename(container, image)
    return objects


def load(path):
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


def containers(each):
    template = each.get("spec", {}).get("template")
    pod = template["spec"] if template else {}
    return pod.get("initContainers", []) + pod.get("containers", [])


def rename(container, image):
    name, _, tag = container["image"].partition(":")
    if name == image["name"]:
        tag = image.get("newTag", tag)
        container["image"] = image.get("newName", name) + (f":{tag}" if tag else "")


def merge(target, change):
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            merge(target[key], value)
        elif isinstance(value, list) and key in KEYS and key in target:
            merge_list(target[key], value, KEYS[key])
        else:
            target[key] = copy.deepcopy(value)


def merge_list(targets, changes, key):
    for change in changes:
        same = [each for each in targets if each[key] == change[key]]
        if same:
            merge(same[0], change)
        else:
            targets.append(copy.deepcopy(change))
