"""The other side of python_test.go: huggingface_hub on the same cache. Prints one JSON object.

Run as `python interop.py VERB ...` with HF_ENDPOINT and HF_HUB_CACHE set.
"""
import json
import os
import sys

import huggingface_hub
from huggingface_hub import scan_cache_dir, snapshot_download, try_to_load_from_cache
from huggingface_hub.file_download import _CACHED_NO_EXIST
from huggingface_hub.utils import WeakFileLock, validate_repo_id


def scan():
    info = scan_cache_dir()
    return {
        "warnings": [str(w) for w in info.warnings],
        "repos": {
            repo.repo_id: {
                "size": repo.size_on_disk,
                "revisions": {r.commit_hash: sorted(r.refs) for r in repo.revisions},
                "files": sorted(str(f.file_path.relative_to(r.snapshot_path)) for r in repo.revisions for f in r.files),
            }
            for repo in info.repos
        },
    }


def read(repo, *revisions):
    """What an offline program finds."""
    out = {"scan": scan(), "paths": {r: snapshot_download(repo, revision=r, local_files_only=True) for r in revisions}}
    out["absent"] = try_to_load_from_cache(repo, "added_tokens.json") is _CACHED_NO_EXIST
    out["config"] = open(try_to_load_from_cache(repo, "config.json")).read()
    return out


def pull(repo, revision, *patterns):
    path = snapshot_download(repo, revision=revision, allow_patterns=list(patterns))
    return {"path": path, "scan": scan()}


def hold(path):
    """Holds a lock until standard input ends."""
    with WeakFileLock(path):
        print("held", flush=True)
        sys.stdin.read()
    return {}


def try_lock(path):
    try:
        with WeakFileLock(path, timeout=0.3):
            return {"got": True}
    except Exception as e:
        return {"got": False, "error": type(e).__name__}


def ids(*names):
    out = {}
    for name in names:
        try:
            validate_repo_id(name)
            out[name] = True
        except Exception:
            out[name] = False
    return out


verb, *args = sys.argv[1:]
result = globals()[verb](*args)
print(json.dumps({"version": huggingface_hub.__version__, "pid": os.getpid(), "result": result}))
