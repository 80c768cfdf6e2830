"""The shared cache as Python's huggingface_hub sees it.

hub_cache.py fetch REPO FILE...   fetches files from HF_ENDPOINT into HF_HUB_CACHE
hub_cache.py open REPO FILE...    opens files from the cache alone; a file named -FILE must be known to be missing
"""

import sys

import huggingface_hub as hub

mode, repository, *files = sys.argv[1:]
if mode == "fetch":
    for file in files:
        print(hub.hf_hub_download(repository, file))
else:
    folder = hub.snapshot_download(repository, local_files_only=True)
    for file in files:
        if file.startswith("-"):
            found = hub.try_to_load_from_cache(repository, file[1:])
            assert found is hub.file_download._CACHED_NO_EXIST, (file, found)
        else:
            path = hub.hf_hub_download(repository, file, local_files_only=True)
            assert path == f"{folder}/{file}", (path, folder)
    report = hub.scan_cache_dir()
    assert not report.warnings, report.warnings
    (entry,) = report.repos
    assert entry.repo_id == repository and [*entry.refs] == ["main"], entry
    print(hub.__version__, folder)
