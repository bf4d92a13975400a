"""Holds what a server gives as FHIR against the models of fhir.resources: the resources of every person of its first page."""

import json
import sys
import urllib.request
from importlib import import_module

KINDS = {
    "Coverage": "coverage",
    "Claim": "claim",
    "ClaimResponse": "claimresponse",
    "ExplanationOfBenefit": "explanationofbenefit",
    "Bundle": "bundle",
    "CapabilityStatement": "capabilitystatement",
}


def model(kind):
    # R4B differs from R4 in none of these but by names of enumerations.
    return getattr(import_module(f"fhir.resources.R4B.{KINDS[kind]}"), kind)


def main(address, token):
    def get(path):
        request = urllib.request.Request(address + path, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()

    model("CapabilityStatement").model_validate_json(get("/fhir/metadata"))
    people = [row["person"] for row in json.loads(get("/v1/person/list?limit=50"))["rows"]]
    seen = dict.fromkeys(list(KINDS)[:4], 0)
    for person in people:
        for kind in seen:
            bundle = json.loads(get(f"/fhir/{kind}?patient={person}"))
            entries = bundle.pop("entry", [])
            model("Bundle").model_validate_json(json.dumps(bundle))
            for entry in entries:
                model(kind).model_validate_json(json.dumps(entry["resource"]))
                seen[kind] += 1
    print("FHIR:", ", ".join(f"{count} {kind}" for kind, count in seen.items()), "valid")
    return 0 if all(seen.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
