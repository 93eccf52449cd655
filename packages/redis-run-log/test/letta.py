"""A writer and a reader of the SSE run log, over the redis client, as its layout is described.

Arguments: `write` or `read`, the server's URL, the key. Both talk JSON, one value a line.
"""

import json
import sys
import time

import redis


def write(server, key):
    """Takes lists of chunks, each [data] or [data, true] for the last; an empty list restarts the writer."""
    seq = 0
    for line in sys.stdin:
        chunks = json.loads(line)
        if not chunks:
            seq = 0
        pipe = server.pipeline(transaction=False)
        for data, *complete in chunks:
            seq += 1
            entry = {"seq_id": seq, "data": data, "timestamp": int(time.time() * 1000)}
            if complete and complete[0]:
                entry["complete"] = "true"
            pipe.xadd(key, entry, maxlen=10_000, approximate=True)
        pipe.expire(key, 10_800)
        pipe.execute()
        print(json.dumps(seq), flush=True)


def read(server, key, starting_after=0, poll_interval=0.02, batch_size=100):
    """Prints [seq, data] for each entry, and ends behind the one that is complete."""
    last_id = "-"
    while True:
        entries = server.xrange(key, min=last_id, max="+", count=batch_size)
        for entry_id, fields in entries:
            last_id = "(" + entry_id
            seq = int(fields["seq_id"])
            if seq > starting_after:
                data = fields["data"].replace('"seq_id":null', f'"seq_id":{seq}')
                print(json.dumps([seq, data]), flush=True)
            if fields.get("complete") == "true":
                return
        if not entries:
            time.sleep(poll_interval)


if __name__ == "__main__":
    mode, url, log = sys.argv[1:4]
    connection = redis.Redis.from_url(url, decode_responses=True)
    if mode == "write":
        write(connection, log)
    else:
        read(connection, log, int(sys.argv[4]) if len(sys.argv) > 4 else 0)
