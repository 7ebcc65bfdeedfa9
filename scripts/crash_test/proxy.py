"""Stands between clients and broker and cuts all connections at once, for --cut: the broker stays."""
import asyncio

CHUNK = 65536


class Proxy:
    def __init__(self, broker_port):
        self.broker_port = broker_port
        self.server, self.port = None, 0
        self.writers = set()
        self.tasks = set()

    async def open(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.broker_port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self.writers |= ends
        self.tasks.add(asyncio.current_task())
        try:
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in ends:
                end.transport.abort()
            self.writers -= ends
            self.tasks.discard(asyncio.current_task())

    async def _pass(self, reader, writer):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.close()

    def cut(self):
        for writer in self.writers:
            writer.transport.abort()

    async def close(self):
        if self.server:
            self.server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
