"""A connection of our own client, and what publisher and subscriber have in common: a session that outlives it."""
import asyncio
import socket

from . import wire

RETRY = 0.01       # between two attempts to connect: the broker is back within milliseconds
HANDSHAKE = 20     # seconds for a CONNACK
REFUSED = 0x80     # reason codes from here on are failures


class Connection(asyncio.Protocol):
    """Hands every packet to `client.on_packet(kind, flags, body)`; `lost` is done when the connection is."""

    def __init__(self, client):
        self.client = client
        self.framer = wire.Framer()
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.framer.feed(data)
        try:
            for kind, flags, body in self.framer.packets():
                self.client.on_packet(kind, flags, body)
        except (wire.Malformed, IndexError, UnicodeDecodeError) as error:
            self.client.ledger.damage.append(f"{self.client.name} received no MQTT: {error!r}")
            self.transport.abort()

    def connection_lost(self, error):
        if not self.lost.done():
            self.lost.set_result(error)


class Client:
    """Keeps a session: connects, and connects again at once whenever the connection is lost, until closed.

    Derived classes keep the session's state and implement on_connected(session_present) and on_packet()."""

    def __init__(self, name, combination, ledger, port):
        self.name, self.version, self.qos = name, combination.version, combination.qos
        self.window, self.ledger, self.port = combination.window, ledger, port
        self.receive_maximum = 65535   # the broker's
        self.has_session = False       # a CONNACK has said so
        self.clean = False
        self.connection = None
        self.online = asyncio.Event()
        self.task = None

    def open(self):
        self.task = asyncio.ensure_future(self._stay_connected())

    async def close(self, clean=True):
        """Ends the connection, with DISCONNECT or without; the session stays."""
        if self.task is None:
            return
        if clean and self.online.is_set():
            self.send(wire.disconnect())
            self.connection.transport.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self.task = None
        self.online.clear()

    async def forget(self):
        """Ends the session, too."""
        await self.close()
        self.clean = True
        self.open()
        await self.online.wait()
        await self.close()

    async def _stay_connected(self):
        while True:
            try:
                _, self.connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self), "127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(RETRY)
                continue
            try:
                await self._hold()
            finally:
                self.online.clear()
                if not self.connection.transport.is_closing():
                    self.connection.transport.abort()
            await asyncio.sleep(RETRY)

    async def _hold(self):
        """From CONNECT until the connection is lost."""
        self.send(wire.connect(self.version, self.name, clean=self.clean, receive_maximum=self._asked_window()))
        answered = asyncio.ensure_future(self.online.wait())
        await asyncio.wait((answered, self.connection.lost), timeout=HANDSHAKE,
                           return_when=asyncio.FIRST_COMPLETED)
        answered.cancel()
        if self.online.is_set():
            await self.connection.lost
        elif not self.connection.lost.done():
            self.ledger.unfinished.append(f"{self.name} got no CONNACK within {HANDSHAKE} s, life {self.ledger.life}")

    def _asked_window(self):
        return self.window if self.version == wire.V5 else None

    def send(self, data):
        self.connection.transport.write(data)

    def take_connack(self, body):
        connack = wire.read_connack(self.version, body)
        if connack.reason:
            self.ledger.unfinished.append(f"{self.name} was refused: {connack.reason:#x}, life {self.ledger.life}")
            self.connection.transport.abort()
            return
        self.ledger.connack(self.name, self.has_session and not self.clean, connack.session_present)
        self.has_session = True
        self.receive_maximum = connack.receive_maximum
        self.online.set()
        self.on_connected(connack.session_present)
