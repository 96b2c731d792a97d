"""An emulator served on loopback for a vendor's own client, and a witness who keeps what was said."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from entrepot.channels.kit.emulate import Emulator, Request, asgi
from entrepot.contract import Response
from entrepot.kernel import Clock


class Exchange(NamedTuple):
    """One call and its answer."""

    request: Request
    response: Response


class Answering(Protocol):
    """What an emulator is to those who call it."""

    def handle(self, request: Request, now: datetime) -> Response: ...


class Witness:
    """Stands before an emulator and keeps every exchange in `seen`."""

    def __init__(self, emulator: Answering) -> None:
        self._emulator = emulator
        self.seen: list[Exchange] = []

    def handle(self, request: Request, now: datetime) -> Response:
        response = self._emulator.handle(request, now)
        self.seen.append(Exchange(request, response))
        return response

    def paths(self) -> list[str]:
        """'METHOD path' of every call."""
        return [f"{one.request.method} {one.request.path}" for one in self.seen]


class Door:
    """A free port of loopback, taken before anything answers there: an emulator can be built with it."""

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])


@contextmanager
def serving(
    emulator: Answering, clock: Clock, door: Door, *, certificate: Path | None = None
) -> Iterator[None]:
    """Answers at the door as long as it lasts; over TLS if there is a certificate."""
    application = asgi(cast("Emulator", emulator), clock)
    config = uvicorn.Config(
        application,
        log_level="error",
        date_header=False,
        lifespan="off",
        ssl_certfile=certificate,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door.socket]}, daemon=True)
    door.socket.listen()  # a caller that comes before the server is up waits in the socket's queue
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        door.socket.close()


def certificate_for_loopback(folder: Path) -> Path:
    """A throw-away certificate for 127.0.0.1 and its key, in one file; it vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    began = datetime(2026, 1, 1, tzinfo=UTC)
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=False, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "loopback.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
