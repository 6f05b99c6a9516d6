"""The settings, read from the environment; docs/operations.md explains each. Importing them starts nothing.

Without any variable set these are the settings of production, short of its secret key and its host names.
LIANXI_DEMO=1 (set by `make demo`) allows plain HTTP on this machine and makes a secret key of its own.
"""

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ  # type: ignore[import-untyped]  # it has no types
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.database import roles

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def _demo_secret_key() -> str:
    """Return the demo's secret key, created at first use and readable by this clone's owner only."""
    path = VAR_DIR / "demo-secret-key"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        fresh = VAR_DIR / f"demo-secret-key.{secrets.token_hex(4)}"
        fresh.touch(0o600)
        fresh.write_text(secrets.token_urlsafe(60))
        with contextlib.suppress(FileExistsError):  # another process was first: its key is used
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


# The kind of installation

DEMO = env.bool("LIANXI_DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or (_demo_secret_key() if DEMO else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Applications

INSTALLED_APPS = [
    "rehearsal",
    "pages",
    "accounts",
    "web",
    "office",
    "voting",
    "proposals",
    "portfolio",
    "committee",
    "audit",
    "config",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "django_fsm",
    "django_htmx",
    "lucide",
    "csp",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "config.probes.Probes",
    "web.errors.RepeatReading",
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.StaticFiles",
    "config.privacy.NoStore",
    "config.addresses.WellFormed",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "web.display.PageLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.sessions.SignedIn",
    "web.idempotent_forms.LoginRequired",
    "accounts.sign_ins.PasswordsHeldUp",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.limits.Limits",
    "web.errors.ErrorPages",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "web.template_loader.CompilingLoader",
                    [
                        "web.template_loader.UnindentedLoader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["lucide.templatetags.lucide"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# The processes that serve the site, started by config/serving

CHANNEL_REDIS_URL = env.str("CHANNEL_REDIS_URL", default="")


def _processes(written: str) -> int:
    """WEB_PROCESSES; unset, one a core that may be used where Redis carries word between them, else one."""
    if not written:
        return min(len(os.sched_getaffinity(0)), 64) if CHANNEL_REDIS_URL else 1
    if not (written.isascii() and written.isdigit() and 1 <= int(written) <= 64):
        raise ImproperlyConfigured(f"WEB_PROCESSES is {written!r}; give a whole number from 1 to 64.")
    return int(written)


WEB_PROCESSES = _processes(env.str("WEB_PROCESSES", default="").strip())
#: of what a socket sends at once, bytes
LARGEST_FRAME = 16 * 1024

# The database: DATABASE_URL's server, or the embedded one when it is not set

_POOL_TIMEOUT = env.float("DATABASE_POOL_TIMEOUT", default=10.0)
DATABASE_POOL = {
    "min_size": env.int("DATABASE_POOL_MIN", default=2),
    "max_size": env.int("DATABASE_POOL_MAX", default=16),
    "timeout": _POOL_TIMEOUT,
    # reconnection attempts after a failure are limited; the pauses between them grow
    "reconnect_timeout": _POOL_TIMEOUT,
}


def _databases(app_url: str, owner_url: str, sealer_url: str) -> dict[str, dict[str, Any]]:
    """Return `default`, the application's role, and two that a web server may lack: `owner`, which migrates,
    and `sealer`, which writes the tree over the audit log.
    """
    pool = {"pool": DATABASE_POOL}
    checked = {"CONN_HEALTH_CHECKS": True}  # a connection that the server has closed is not handed out
    if app_url:
        dummy = {"ENGINE": "django.db.backends.dummy"}
        app: dict[str, Any] = env.db_url_config(app_url)
        owner, sealer = (env.db_url_config(url) if url else dummy for url in (owner_url, sealer_url))
        users = [each.get("USER") for each in (app, owner, sealer) if "dummy" not in each["ENGINE"]]
        if len(set(users)) < len(users):
            raise ImproperlyConfigured(
                "Two of DATABASE_URL, DATABASE_OWNER_URL and DATABASE_SEALER_URL name the same role; "
                "give each its own."
            )
        default = app | checked | {"OPTIONS": app.get("OPTIONS", {}) | pool}
        return {"default": default, "owner": owner, "sealer": sealer}
    for name, url in (("DATABASE_OWNER_URL", owner_url), ("DATABASE_SEALER_URL", sealer_url)):
        if url:
            raise ImproperlyConfigured(f"{name} is set without DATABASE_URL; set both, or neither.")
    embedded = {"ENGINE": "config.database", "NAME": roles.DATABASE}
    return {
        "default": embedded | checked | {"USER": roles.APP_ROLE, "OPTIONS": pool},
        "owner": embedded | {"USER": roles.OWNER_ROLE},
        "sealer": embedded | {"USER": roles.SEALER_ROLE},
    }


DATABASES = _databases(
    env.str("DATABASE_URL", default=""),
    env.str("DATABASE_OWNER_URL", default=""),
    env.str("DATABASE_SEALER_URL", default=""),
)
APP_ROLE = DATABASES["default"]["USER"] or roles.APP_ROLE
SEALER_ROLE = DATABASES["sealer"].get("USER") or roles.SEALER_ROLE
#: the advisory lock held while migrating; no other code uses this number
MIGRATION_LOCK = 4_302_017

# People

AUTH_USER_MODEL = "committee.Person"
AUTHENTICATION_BACKENDS = [
    "accounts.sign_ins.Gate",  # before other backends, which would check passwords without the throttle
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.passwords.MaximumLength"},
    {"NAME": "accounts.passwords.CharacterVariety"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
SESSION_ENGINE = "accounts.sessions"  # the database has a digest of a session's key
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=12 * 3600)
MAIL_DOMAINS = env.list("MAIL_DOMAINS", default=[])

# Sign-in and password confirmation: limits and retention; see accounts/throttle.py

SIGN_IN_ATTEMPTS = env.int("SIGN_IN_ATTEMPTS", default=5)
SIGN_IN_LOCK = timedelta(minutes=env.int("SIGN_IN_LOCK_MINUTES", default=15))
SIGN_IN_ATTEMPTS_BY_ADDRESS = env.int("SIGN_IN_ATTEMPTS_BY_ADDRESS", default=50)
SIGN_IN_ATTEMPTS_BY_LOGIN = env.int("SIGN_IN_ATTEMPTS_BY_LOGIN", default=20)
#: retention of the register of sign-ins; the database keeps lines for at least thirty days
SIGN_INS_KEPT_DAYS = env.int("SIGN_INS_KEPT_DAYS", default=400)

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Chinese (simplified)"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
#: the bank's hours on a working day, beyond which an act is shown to auditors as done at an unusual time
WORKING_HOURS = env.str("WORKING_HOURS", default="07:30-20:00")

# Security

HTTPS = env.bool("HTTPS", default=not DEMO)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=2 * 365 * 24 * 3600) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
SECURE_REFERRER_POLICY = "same-origin"
#: with this prefix browsers accept the cookie from this host only, over HTTPS, for all paths
_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_HOST}sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = f"{_HOST}csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
BROWSER_COOKIE_NAME = f"{_HOST}browser"
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "api.views.forged"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a plan of a thousand loans is one form
DATA_UPLOAD_MAX_MEMORY_SIZE = 8_000_000
#: expensive requests that one person may run at once, and start within a minute, in each process;
#: web/limits.py
LIMITS = {
    "large": (env.int("LIMIT_LARGE_AT_ONCE", default=2), env.int("LIMIT_LARGE_A_MINUTE", default=30)),
    "typed": (env.int("LIMIT_TYPED_AT_ONCE", default=2), env.int("LIMIT_TYPED_A_MINUTE", default=90)),
    "import": (env.int("LIMIT_IMPORTS_AT_ONCE", default=2), env.int("LIMIT_IMPORTS_A_MINUTE", default=20)),
    "export": (env.int("LIMIT_EXPORTS_AT_ONCE", default=2), env.int("LIMIT_EXPORTS_A_MINUTE", default=20)),
    "search": (env.int("LIMIT_SEARCHES_AT_ONCE", default=4), env.int("LIMIT_SEARCHES_A_MINUTE", default=120)),
    "verify": (
        env.int("LIMIT_VERIFYING_AT_ONCE", default=1),
        env.int("LIMIT_VERIFYING_A_MINUTE", default=10),
    ),
    "document": (
        env.int("LIMIT_DOCUMENTS_AT_ONCE", default=1),
        env.int("LIMIT_DOCUMENTS_A_MINUTE", default=20),
    ),
}
#: sockets that one person, or for room screens one address, may have open in each process
SOCKETS_A_PERSON = env.int("SOCKETS_A_PERSON", default=20)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Rehearsals over HTTP: what makes databases that are thrown away

THROW_AWAY = "config.database.throwaway"

# Static files

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or BASE_DIR / "static_collected")
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
#: whether pages name the files as `collectstatic` leaves them; else they are served from where they lie
STATIC_COLLECTED = env.bool("STATIC_COLLECTED", default=not DEMO)
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Attachments are stored outside of static files; each download goes through a view that checks access

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or VAR_DIR / "media")
#: the columns that name files below MEDIA_ROOT by their SHA-256: table, column, the function from its value
#: to the path, and the rows that do
MEDIA_NAMED = [
    ("proposals_attachment", "sha256", "proposals.storage.place", "true"),
    ("portfolio_tape", "sha256", "portfolio.storage.place", "true"),
    ("office_dispatch", "sha256", "office.models.dispatches.package_path", "sent_at IS NOT NULL"),
    ("office_paper", "sha256", "office.models.papers.paper_path", "true"),
    ("office_minutesfile", "sha256", "office.models.signing.signed_path", "ended_at IS NULL"),
    ("portfolio_warning", "sha256", "portfolio.files.place", "sha256 <> ''"),
]

# The ledger of loans: the folder from which tapes are taken, and for how many days all balances are kept

TAPE_INBOX = env.str("TAPE_INBOX", default="")
TAPE_BALANCES_KEPT_DAYS = env.int("TAPE_BALANCES_KEPT_DAYS", default=92)
if TAPE_BALANCES_KEPT_DAYS < 32:
    raise ImproperlyConfigured(
        "TAPE_BALANCES_KEPT_DAYS is less than 32: the database removes no balances of the last month."
    )

# The archive: for how many years a meeting's file is kept (Art. 12.6), from the year after the archiving on

ARCHIVE_YEARS = env.int("ARCHIVE_YEARS", default=10)
if ARCHIVE_YEARS < 10:
    raise ImproperlyConfigured("ARCHIVE_YEARS is less than 10: a meeting's file is kept ten years or more.")

#: a folder with the bank's own fonts for its papers, used before those that come with the project
DOCUMENT_FONTS = env.str("DOCUMENT_FONTS", default="")

# Reminders of instalments: so many days before the due day, and so many after it

INSTALMENT_DAYS_BEFORE = env.int("INSTALMENT_DAYS_BEFORE", default=5)
INSTALMENT_DAYS_AFTER = env.int("INSTALMENT_DAYS_AFTER", default=3)
for _name, _days in {
    "INSTALMENT_DAYS_BEFORE": INSTALMENT_DAYS_BEFORE,
    "INSTALMENT_DAYS_AFTER": INSTALMENT_DAYS_AFTER,
}.items():
    if not 0 <= _days <= 90:
        raise ImproperlyConfigured(f"{_name} is a number of days from 0, for no reminder, to 90.")

# Electronic signatures on minutes: docs/operations.md, "Signing minutes"

#: whether minutes are signed with the keys of their signers
SIGNING = env.bool("SIGNING", default=False)
_AUTHORITY = VAR_DIR / "authority" if DEMO else None  # made by `manage.py demo_ca`
#: folders of the authorities that are trusted, and of their revocation lists
TRUST_ANCHORS = env.str("TRUST_ANCHORS", default=str(_AUTHORITY / "anchors") if _AUTHORITY else "")
REVOCATION_LISTS = env.str("REVOCATION_LISTS", default=str(_AUTHORITY / "lists") if _AUTHORITY else "")
REVOCATION_FETCH = env.bool("REVOCATION_FETCH", default=False)
#: the time-stamping authority (RFC 3161), and for how many seconds it is waited for
TSA_URL = env.str("TSA_URL", default="")
TSA_TIMEOUT = env.float("TSA_TIMEOUT", default=5.0)
#: the folder of the signers' PKCS#12 files; apart from MEDIA_ROOT, for it is in no backup
SIGNER_KEYS = env.str("SIGNER_KEYS", default="") or str(VAR_DIR / "keys")
#: the module of PKCS#11 tokens, and the label of a person's token, in which {login} stands for the login
PKCS11_MODULE = env.str("PKCS11_MODULE", default="")
PKCS11_TOKEN = env.str("PKCS11_TOKEN", default="{login}")

#: the key with which the system seals dossiers (PKCS#12), and its passphrase: in a file, or here
SEAL_KEY_FILE = env.str("SEAL_KEY_FILE", default=str(_AUTHORITY / "seal.p12") if _AUTHORITY else "")
SEAL_PASSPHRASE_FILE = env.str(
    "SEAL_PASSPHRASE_FILE", default=str(_AUTHORITY / "seal.pass") if _AUTHORITY else ""
)
SEAL_PASSPHRASE = env.str("SEAL_PASSPHRASE", default="")

# The audit log: checks that the apps add to its verification, what they add to its exports, and listeners for
# committed entries

AUDIT_CHECKS = [
    "voting.checks.ballots",
    "voting.checks.resolutions",
    "office.checks.signatures",
    "audit.watching.stored",
    "office.checks.states",
    "proposals.checks.contracts",
    "portfolio.checks.ledger",
    "portfolio.watching.checks.falls",
]
AUDIT_VOUCHED = "config.tables.VOUCHED"
AUDIT_PARTS = {
    "meeting": "office.exported.streams_of_meeting",
    "proposal": "office.exported.streams_of_proposal",
}
AUDIT_DOCUMENTS = ["office.exported.documents"]
AUDIT_LISTENERS = ["voting.live.hub.notify", "audit.waking.wake", "pages.push.waking.wake"]
#: the private keys that sign the log's checkpoints, in a file or here; without any the log is not sealed
LOG_KEY_FILE = env.str("LOG_KEY_FILE", default="")
LOG_KEY = env.str("LOG_KEY", default="")
#: the witness that cosigns the checkpoints: its address and its public key
LOG_WITNESS_URL = env.str("LOG_WITNESS_URL", default="").rstrip("/")
LOG_WITNESS_KEY = env.str("LOG_WITNESS_KEY", default="").strip()
#: a witness takes a log for silent that has asked for nothing so long
WITNESS_SILENCE = timedelta(seconds=env.int("WITNESS_SILENCE", default=3 * 3600))

# The live room: the channel layer that announces changes of a meeting, in one process or, with Redis, in
# several


def _channel_layer(redis: str) -> dict[str, Any]:
    """Return the in-memory channel layer, or the one on Redis with a short timeout."""
    if redis:
        host = {"address": redis, "socket_connect_timeout": 1, "health_check_interval": 10}
        return {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [host]}}
    lasting = {"capacity": 10_000, "group_expiry": 10 * 365 * 24 * 3600}  # seconds
    return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": lasting}


CHANNEL_LAYERS = {"default": _channel_layer(CHANNEL_REDIS_URL)}

# Mail, logs and numbers

vars().update(env.email_url("EMAIL_URL", default="consolemail://" if DEMO else "smtp://localhost:25"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
#: the base address of links in mail; without it mail has no links
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="lianxi@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

#: the site's private key for pushes to browsers (PEM, P-256); without it nothing is pushed
PUSH_KEY_FILE = env.str("PUSH_KEY_FILE", default="")
#: whom a push service may turn to, as mailto: or https: address
PUSH_CONTACT = env.str("PUSH_CONTACT", default="mailto:lianxi@localhost.localdomain")
#: the hosts of push services; one that begins with a dot stands for all below it
PUSH_HOSTS = env.list(
    "PUSH_HOSTS",
    default=[
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        ".push.apple.com",
        ".notify.windows.com",
    ],
)

#: the bearer token for /metrics/; without it the metrics are not available
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.error_reports.NoVariables"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"hide_tokens": {"()": "config.logs.HideTokens"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["hide_tokens"],
            "level": LOG_LEVEL,
        },
        "refusals": {"class": "audit.metrics.CountRefusals"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "lianxi.refused": {"handlers": ["refusals"], "level": "WARNING"},  # counted even if not shown
        # what is wrong with a file that somebody shows it is told on the page, not in the log
        "pyhanko": {"level": "CRITICAL"},
        "pyhanko_certvalidator": {"level": "CRITICAL"},
        "uvicorn.error": {"filters": ["hide_tokens"]},  # uvicorn has a handler of its own
    },
}
