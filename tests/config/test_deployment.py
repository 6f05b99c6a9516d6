"""The files of docs/deployment, tried as they stand: nginx before two processes on a Unix socket; and Redis.

Only places and ports are put in. Where nginx, Redis or systemd is not installed its tests are skipped.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accounts.models import SignIn
from committee.models import Person
from config import probes
from config.database.embedded_postgres import ROOT
from pages.calendar import invitations
from pages.models import CalendarFeed
from tests.config.served import Visitor, free_port, needs_redis, redis, running
from tests.databases import Source
from tests.stage import START, Stage, head, standing
from voting.models import Ballot

FILES = ROOT / "docs" / "deployment"
PASSWORD, TOKEN = "a password for deployment", "a token for monitoring that nobody guesses"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
SYSTEMD = shutil.which("systemd-analyze")

needs_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed (apt-get install nginx-light)")
needs_systemd = pytest.mark.skipif(not SYSTEMD, reason="systemd-analyze is not installed")

MAIN = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/inherited.log;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lianxi.conf;
}}
"""


class Proxy(NamedTuple):
    """nginx runs with our file; the site is to listen in this folder."""

    folder: Path
    plain: str
    secure: str
    machines: str
    #: trusts the certificate
    context: ssl.SSLContext

    def visitor(self) -> Visitor:
        return Visitor(self.secure, self.context)


def put_in(text: str, places: dict[str, str]) -> str:
    """The text with these places in it, each of which it has."""
    for old, new in places.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.fixture
def proxy(folder: Path) -> Iterator[Proxy]:
    plain, secure, machines = free_port(), free_port(), free_port()
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=lianxi",
            ),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    places = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "listen 127.0.0.1:9080;": f"listen 127.0.0.1:{machines};",
        "https://lianxi.bank.example$": f"https://127.0.0.1:{secure}$",
        "/etc/lianxi/": f"{folder}/",
        "/run/lianxi/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
    }
    (folder / "lianxi.conf").write_text(put_in((FILES / "nginx.conf").read_text(), places))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", secure)) == 0

    command = [NGINX, "-e", folder / "error.log", "-p", folder, "-c", folder / "nginx.conf"]
    with running(command, folder / "nginx.log", dict(os.environ), up=listens):
        assert (folder / "nginx.log").read_text() == ""
        yield Proxy(
            folder,
            f"http://127.0.0.1:{plain}",
            f"https://127.0.0.1:{secure}",
            f"http://127.0.0.1:{machines}",
            ssl.create_default_context(cafile=str(certificate)),
        )


def started(unit: str, folder: Path) -> list[str]:
    """The command of the unit, with the clone and the folder for its places."""
    text = (FILES / unit).read_text().replace("\\\n", "")
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    return shlex.split(
        line.replace("/srv/lianxi/.venv/bin/", f"{Path(sys.executable).parent}/").replace(
            "/run/lianxi/", f"{folder}/"
        )
    )


source = standing("voting")


@pytest.fixture
def site(proxy: Proxy, fresh_db: Any, source: Source) -> Iterator[tuple[Proxy, Stage, Any]]:
    """The site as its unit starts it, on an open vote."""
    Person.objects.update(password=PBKDF2PasswordHasher().encode(PASSWORD, "a salt of twenty-two chars"))
    numbers = proxy.folder / "numbers"
    numbers.mkdir()
    env = fresh_db.env | {
        "HTTPS": "true",
        "TRUSTED_PROXIES": "unix",
        "METRICS_TOKEN": TOKEN,
        "PROMETHEUS_MULTIPROC_DIR": str(numbers),
        "WEB_PROCESSES": "2",
    }
    command = started("lianxi.service", proxy.folder)
    visitor = Visitor(proxy.machines)
    with running(command, proxy.folder / "site.log", env, up=visitor.answers) as process:
        yield proxy, source.stage, process


@needs_nginx
def test_one_signs_in_and_votes_through_the_proxy(site: tuple[Proxy, Stage, Any]) -> None:
    proxy, stage, process = site
    for named in ({}, {"Host": "elsewhere.example"}):
        status, headers, _ = Visitor(proxy.plain).ask("/meetings/", **named)
        assert (status, headers["Location"]) == (301, f"{proxy.secure}/meetings/")

    visitor = proxy.visitor()
    assert visitor.sign_in(stage["seat2"].username, PASSWORD)[0] == 302
    assert {cookie.secure for cookie in visitor.cookies if cookie.name.startswith("__Host-")} == {True}
    assert {cookie.name for cookie in visitor.cookies} >= {
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-browser",
    }
    status, headers, html = visitor.ask("/")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"] == "nginx"
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    assert visitor.ask(style)[0] == 200

    process.send_signal(signal.SIGHUP)
    status, headers, _ = visitor.send(f"/proposals/{stage.proposal.pk}/cast/", choice="for", sure="on")
    assert (status, headers["Location"][:10]) == (302, "/meetings/")
    assert Ballot.objects.filter(seat__number=2, choice="for").count() == 1
    for _ in range(4):  # whichever process is asked
        told = Visitor(proxy.machines).ask("/metrics/", Authorization=f"Bearer {TOKEN}")[2]
        assert "lianxi_ballots_total 1.0" in told


@needs_nginx
def test_the_proxy_compresses_no_page_and_leaves_to_the_site_for_how_long_files_are_kept(
    site: tuple[Proxy, Stage, Any],
) -> None:
    visitor = site[0].visitor()
    status, headers, html = visitor.ask("/login/", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"]) == (200, None)
    assert "no-store" in headers["Cache-Control"]
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    assert visitor.ask(style)[1]["Cache-Control"] == "max-age=60, public"  # its name has no hash here


@needs_nginx
def test_machines_ask_on_the_machine_itself_and_nobody_asks_from_outside(
    site: tuple[Proxy, Stage, Any],
) -> None:
    proxy, _stage, _process = site
    here = Visitor(proxy.machines)
    assert json.loads(here.ask("/health/")[2]) == {"status": "alive"}
    status, _, told = here.ask("/ready/")
    assert (status, json.loads(told)) == (200, {"status": "ready", "database": "ok", "layer": "ok"})
    assert here.ask("/metrics/")[0] == 401
    assert here.ask("/login/")[0] == 404
    for path in ("/health/", "/ready/", "/metrics/"):
        assert proxy.visitor().ask(path, Authorization=f"Bearer {TOKEN}")[0] == 404


@needs_nginx
def test_whoever_makes_up_an_address_is_throttled_by_the_true_one(site: tuple[Proxy, Stage, Any]) -> None:
    proxy, stage, _process = site
    visitor = proxy.visitor()
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        visitor.opener.addheaders.append((name, "198.51.100.7"))
    visitor.opener.addheaders.append(("X-Forwarded-Proto", "http"))
    assert visitor.sign_in(stage["seat2"].username, "wrong")[0] == 200
    assert set(SignIn.objects.values_list("address", flat=True)) == {"127.0.0.1"}


@needs_nginx
def test_nor_is_it_in_a_log_of_errors(proxy: Proxy) -> None:
    """Nothing listens behind the proxy."""
    secret = "never-to-be-read"
    for path in (f"/wall/{secret}/", f"/ws/wall/{secret}/", f"/calendar/{secret}.ics", "/login/"):
        assert proxy.visitor().ask(path)[0] == 502
    assert '"GET /login/ ' in (proxy.folder / "error.log").read_text()
    for log in proxy.folder.glob("*.log"):
        assert secret not in log.read_text(), log


RELAY = """
from config.proxies import TrustedProxies

async def relay(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    headers = dict(scope["headers"])
    told = [scope["scheme"], scope["client"][0], headers[b"host"].decode(), headers[b"origin"].decode()]
    await send({"type": "websocket.send", "text": " ".join(told)})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})

application = TrustedProxies(relay, ["unix"])
"""


@needs_nginx
def test_an_address_that_opens_without_a_login_is_in_no_log(site: tuple[Proxy, Stage, Any]) -> None:
    proxy, stage, _process = site
    secret = "never-to-be-read"
    CalendarFeed.objects.create(
        person=stage["seat2"], nonce="n", digest=invitations.digest(secret), made_at=START
    )
    for path in (f"/calendar/{secret}.ics", f"/calendar/{secret}.ics?again", "/login/"):
        assert proxy.visitor().ask(path)[0] == 200
    for path in (f"/wall/{secret}/", f"/wall/{secret}/version/", f"/ws/wall/{secret}/"):
        assert proxy.visitor().ask(path)[0] == 404
    _, token = stage.do("open_wall")
    address = proxy.secure.replace("https:", "wss:")
    with connect(f"{address}/ws/wall/{token}/", ssl=proxy.context, origin=proxy.secure) as opened:
        assert json.loads(opened.recv(timeout=20)) == {"v": head(stage.meeting.stream)}
    proxy.visitor().ask(f"/wall/{token}/")
    for path in (f"/wall/{token}/", f"/calendar/{secret}.ics"):
        assert Visitor(proxy.plain).ask(path)[0] == 301
    assert " /login/ " in (proxy.folder / "lianxi.log").read_text()
    for log in proxy.folder.glob("*.log"):
        assert secret not in log.read_text(), log
        assert token not in log.read_text(), log


@needs_nginx
def test_a_meeting_is_told_through_the_proxy_and_across_a_reload(site: tuple[Proxy, Stage, Any]) -> None:
    proxy, stage, process = site
    visitor = proxy.visitor()
    visitor.sign_in(stage["seat2"].username, PASSWORD)
    (key,) = (cookie.value for cookie in visitor.cookies if cookie.name == "__Host-sessionid")

    def listening() -> Any:
        return connect(
            f"{proxy.secure.replace('https:', 'wss:')}/ws/meetings/{stage.meeting.pk}/",
            ssl=proxy.context,
            origin=proxy.secure,
            additional_headers={"Cookie": f"__Host-sessionid={key}"},
        )

    with listening() as opened:
        assert json.loads(opened.recv(timeout=20)) == {"v": head(stage.meeting.stream)}
        visitor.send(f"/proposals/{stage.proposal.pk}/cast/", choice="for", sure="on")
        assert json.loads(opened.recv(timeout=20)) == {"v": head(stage.meeting.stream)}
        process.send_signal(signal.SIGHUP)
        with pytest.raises(ConnectionClosed) as closed:
            opened.recv(timeout=60)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012
    with listening() as opened:
        assert json.loads(opened.recv(timeout=20)) == {"v": head(stage.meeting.stream)}


@needs_nginx
def test_a_socket_goes_through_the_proxy_with_its_true_scheme_host_and_client(proxy: Proxy) -> None:
    (proxy.folder / "relay.py").write_text(RELAY)
    command = [sys.executable, "-m", "uvicorn", "relay:application", "--app-dir", proxy.folder]
    command += ["--uds", proxy.folder / "site.sock", "--no-proxy-headers"]
    address = proxy.secure.replace("https:", "wss:")
    with running(
        command, proxy.folder / "relay.log", dict(os.environ), up=(proxy.folder / "site.sock").exists
    ):
        made_up = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "http"}
        with connect(
            f"{address}/anywhere/", ssl=proxy.context, origin=proxy.secure, additional_headers=made_up
        ) as opened:
            host = proxy.secure.removeprefix("https://")
            assert opened.recv(timeout=20) == f"wss 127.0.0.1 {host} {proxy.secure}"
            opened.send("there and back")
            assert opened.recv(timeout=20) == "there and back"


@needs_redis
def test_redis_is_gone_and_back(folder: Path, settings: Any) -> None:
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    hosts = [f"unix://{folder}/redis.sock"]
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": hosts}}}

    async def asked() -> list[str]:
        with redis(folder):
            said = [await probes._layer()]
        said.append(await probes._layer())
        with redis(folder):
            return [*said, await probes._layer()]

    assert asyncio.run(asked()) == ["ok", "down", "ok"]


@needs_systemd
@pytest.mark.parametrize("unit", ["lianxi.service", "lianxi-worker.service"])
def test_systemd_takes_the_units(unit: str, folder: Path) -> None:
    text = put_in((FILES / unit).read_text(), {"/srv/lianxi": str(folder)})
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy("/bin/true", folder / ".venv" / "bin" / "python")
    (folder / unit).write_text(text)
    said = subprocess.run([SYSTEMD, "verify", folder / unit], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert unit not in said.stderr


def test_what_the_units_start_takes_their_options(folder: Path) -> None:
    worker = started("lianxi-worker.service", folder)
    assert worker[1:4] == ["manage.py", "procrastinate", "worker"]
    env = os.environ | {"SECRET_KEY": "0" * 50, "LIANXI_DEMO": "false"}
    for command in (worker, started("lianxi.service", folder)):
        said = subprocess.run(
            [*command, "--help"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
        for option in (each for each in command if each.startswith("--")):
            assert option.replace("--no-", "--") in said.stdout.replace("--no-", "--"), option
