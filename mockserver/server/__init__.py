"""The server process: the composition root, uvicorn's protocol, workers, and the server inside another program."""
