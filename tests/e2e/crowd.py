"""Opens connections and lets them idle, in a process of its own: each side
needs a descriptor a connection.

    crowd.py HOST PORT COUNT    prints how many are open, then waits for EOF
"""

import resource
import socket
import sys


def main():
    host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = [socket.create_connection((host, port), timeout=60)
             for _ in range(count)]
    print(len(crowd), flush=True)
    sys.stdin.read()


main()
