"""Turns the manifests of a campaign into what `podman play kube` 4.3 can run: the ConfigMap as it is,
and a Pod in the place of the StatefulSet and of each worker of the Job. In the Pods only what that podman
does otherwise than Kubernetes is changed, with the reason beside it.

    podman_pods.py FOLDER coordinator >coordinator.yaml
    podman_pods.py FOLDER worker 2 >worker-2.yaml
    podman_pods.py --without-status …        for a program that has no --status-listen
    podman_pods.py --secret FILE=PATH … | podman secret create NAME -

Podman has no Services, NetworkPolicies or Jobs: it finds the coordinator by the name of its Pod, which
therefore gets that of the Service."""

import pathlib
import sys

import yaml

from kubernetes_120 import remove_status
from kustomization import render


def pod(controller, name):
    template = controller["spec"]["template"]
    for volume in template["spec"]["volumes"]:
        if "secret" in volume:
            # Without this podman crashes.
            volume["secret"].setdefault("optional", False)
    for container in template["spec"]["containers"]:
        # Podman would take these ports of the machine too.
        container.pop("ports", None)
        for mount in container["volumeMounts"]:
            if mount["name"] == "private":
                mount["name"] = f"private-{name}"
    for volume in template["spec"]["volumes"]:
        # Podman would share an emptyDir among all Pods in which it has the same name.
        if "emptyDir" in volume:
            volume["name"] += f"-{name}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": template["metadata"]["labels"]},
        "spec": template["spec"],
    }


def coordinator(objects):
    controller = objects["StatefulSet"]
    made = pod(controller, controller["metadata"]["name"])
    # With Always, which is meant, podman 4.3 starts init containers again and again.
    made["spec"]["restartPolicy"] = "OnFailure"
    for claim in controller["spec"]["volumeClaimTemplates"]:
        name = claim["metadata"]["name"]
        made["spec"]["volumes"].append(
            {
                "name": name,
                "persistentVolumeClaim": {"claimName": f"{name}-{made['metadata']['name']}-0"},
            }
        )
    return made


def worker(objects, index):
    controller = objects["Job"]
    return pod(controller, f"{controller['metadata']['name']}-{index}")


def secret(files):
    """Not in Base64, as in Kubernetes: podman mounts what it is given here."""
    named = (file.split("=", 1) for file in files)
    return {"data": {name: pathlib.Path(path).read_text() for name, path in named}}


def main(arguments):
    if arguments[0] == "--secret":
        print(yaml.safe_dump(secret(arguments[1:])))
        return
    without_status = arguments[0] == "--without-status"
    folder, part, *index = arguments[1:] if without_status else arguments
    objects = {each["kind"]: each for each in render(folder)}
    made = coordinator(objects) if part == "coordinator" else worker(objects, *index)
    if without_status:
        for container in made["spec"]["containers"]:
            remove_status(container)
    print(yaml.safe_dump_all([objects["ConfigMap"], made]))


main(sys.argv[1:])
