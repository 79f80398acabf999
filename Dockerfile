# Passapp in one image: `docker build -t passapp .`, then docs/running.md.

FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY web web
COPY passapp passapp
# Builds the wheel, the web app in it, with a Node that comes from PyPI and stays behind in this stage.
RUN python -m venv /opt/passapp && /opt/passapp/bin/pip install --no-cache-dir .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin passapp \
    && install --directory --mode=0700 --owner=passapp --group=passapp /data
COPY --from=build /opt/passapp /opt/passapp
ENV PATH=/opt/passapp/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PASSAPP_DATA_DIR=/data \
    PASSAPP_HOST=0.0.0.0 \
    PASSAPP_PORT=8000
USER passapp
WORKDIR /data
# Private keys, and the database where it is SQLite.
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PASSAPP_PORT\"]}/health/ready', timeout=4)"]
ENTRYPOINT ["passapp"]
CMD ["serve", "--migrate"]
