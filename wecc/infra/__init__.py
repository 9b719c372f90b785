"""The outside world, wrapped once: database, Redis, HTTP, sockets, files, threads, logs."""
