"""An OpenID provider that says what a test wants it to, the wrong things above all; its tokens are PyJWT's."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from werkzeug import Request, Response
from werkzeug.serving import make_server

CLIENT = "tideline"


class CrookedProvider:
    """Answers discovery, keys and codes; `claims` go over what a decent ID token would say."""

    def __init__(self) -> None:
        self.url = ""
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.claims: dict[str, Any] = {}
        self.signing: dict[str, Any] = {"key": self.key, "algorithm": "RS256"}
        self.configuration: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        self.status = 200

    def token(self) -> str:
        """What a code is exchanged for."""
        now = int(time.time())
        decent = {"iss": self.url, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 60}
        claims = {name: value for name, value in (decent | self.claims).items() if value is not None}
        return jwt.encode(claims, headers={"kid": "one"}, **self.signing)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The WSGI application."""
        return Response(json.dumps(self._document(Request(environ).path)), status=self.status)(environ, start_response)

    def _document(self, path: str) -> dict[str, Any]:
        if path == "/token":
            return self.answer or {"id_token": self.token()}
        if path == "/keys":
            return {"keys": [RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True) | {"kid": "one", "use": "sig"}]}
        places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": self.url, **{name: self.url + place for name, place in places.items()}} | self.configuration


@contextmanager
def crooked_provider() -> Iterator[CrookedProvider]:
    """One that runs."""
    provider = CrookedProvider()
    server = make_server("localhost", 0, provider, threaded=True)
    provider.url = f"http://localhost:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
