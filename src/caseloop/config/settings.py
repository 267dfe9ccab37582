"""Django's settings, wired from the environment. docs/running.md explains each one."""

from __future__ import annotations

from pathlib import Path

import pghistory
from csp.constants import NONCE, NONE, SELF
from platformdirs import user_data_path

from caseloop.config import database, env
from caseloop.config.embedded import attach

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = env.path("CASELOOP_DATA_DIR", user_data_path("caseloop", appauthor=False))

SECRET_KEY = env.text("CASELOOP_SECRET_KEY") or "insecure-" + "only-for-tests-and-the-demo" * 2
DEBUG = False
ALLOWED_HOSTS = env.words("CASELOOP_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("CASELOOP_TRUSTED_ORIGINS")
PUBLIC_URL = env.text("CASELOOP_PUBLIC_URL", "http://localhost:8000")
IS_DEMO = env.flag("CASELOOP_DEMO")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "caseloop.database",
    "caseloop.accounts",
    "caseloop.cases",
    "caseloop.administration",
    "caseloop.letters",
    "caseloop.mail",
    "caseloop.followups",
    "caseloop.demo",
    "caseloop.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "caseloop.accounts.middleware.ReaderTimeZone",
    "caseloop.config.middleware.RequestClock",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "caseloop.config.urls"
WSGI_APPLICATION = "caseloop.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "caseloop.config.frame.frame",
            ],
            "builtins": ["django.templatetags.static", "caseloop.config.templatetags.caseloop"],
        },
    }
]

DATABASE_URL = env.text("DATABASE_URL") or attach(DATA_DIR / "postgres") or ""
DATABASES = {"default": database.django_database(DATABASE_URL or "postgresql:///caseloop")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Events are found by what they are events of; whatever else they point to needs no index of theirs.
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

IS_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # our own frames show mails
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "img-src": [SELF, "data:"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["err"], "level": env.text("CASELOOP_LOG_LEVEL", "WARNING").upper()},
}
