"""The rows of tables of relative positions for each distance, as MPNet and DeBERTa choose them: buckets.py OUTPUT_FILE."""

import json
import sys

import torch
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

FARTHEST = 600
SIZES = ((256, 512), (4, 24), (256, 1024), (32, 128))


def main(target):
    distances = torch.arange(-FARTHEST, FARTHEST + 1)
    # MPNet counts from the token looked at
    record = {"farthest": FARTHEST, "mpnet": MPNetEncoder.relative_position_bucket(-distances).tolist()}
    for buckets, longest in SIZES:
        places = make_log_bucket_position(distances, buckets, longest).to(torch.long)
        record[f"deberta {buckets} {longest}"] = torch.clamp(places + buckets, 0, 2 * buckets - 1).tolist()
    with open(target, "w") as file:
        json.dump(record, file)


main(*sys.argv[1:])
