# syntax=docker/dockerfile:1

# One file for every image:
#   docker build --build-arg SERVICE=ingest -t heedful-ingest .
# SERVICE is ingest, nlp, nlp-torch, journey, alerting, console or all. The image of `all` runs the
# command line: docker run heedful-all up
#
# What is installed is locked with hashes in deploy/requirements; docs/supply-chain.md has the rest.
# Behind a mirror: --build-arg PIP_INDEX_URL=https://…
# A base that never moves: --build-arg PYTHON_IMAGE=python:3.12-slim@sha256:…
ARG PYTHON_IMAGE=python:3.12-slim


# The wheel is the same for every service, so this stage is built once for all images.
FROM ${PYTHON_IMAGE} AS wheel
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY deploy/requirements/ /locked/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --only-binary :all: --require-hashes --requirement /locked/build.txt
COPY LICENSE README.md pyproject.toml ./
COPY examples/ examples/
COPY libs/ libs/
COPY services/ services/
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist .


# A virtual environment with what this one service needs, and no pip in it.
FROM ${PYTHON_IMAGE} AS venv
ARG SERVICE=all
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
COPY deploy/requirements/ /locked/
RUN --mount=type=cache,target=/root/.cache/pip \
    set -eu; \
    python -m venv --without-pip /app; \
    pip --python /app/bin/python install --only-binary :all: --no-deps \
      --require-hashes --requirement "/locked/${SERVICE}.txt"
COPY --from=wheel /dist/ /dist/
# The wheel is named by its path: a package of the same name on an index is never considered.
# `check` fails when the lock has not what the wheel asks for.
# /app/bin/serve is what the container runs: the service's own entry point.
# DL3013 asks for a version; the file it names here is one version, built above from this tree.
# hadolint ignore=DL3013
RUN set -eu; \
    case "${SERVICE}" in \
      ingest|nlp|journey|alerting|console) entry="heedful-${SERVICE}" ;; \
      nlp-torch) entry=heedful-nlp ;; \
      all) entry=heedful ;; \
      *) echo "unknown SERVICE: ${SERVICE}" >&2; exit 1 ;; \
    esac; \
    pip --python /app/bin/python install --no-cache-dir --no-index --no-deps /dist/*.whl; \
    pip --python /app/bin/python check; \
    ln -s "${entry}" /app/bin/serve


FROM ${PYTHON_IMAGE}
ARG SERVICE=all
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="heedful-${SERVICE}" \
      org.opencontainers.image.description="Streaming voice-of-the-customer platform: ${SERVICE}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="heedful" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
RUN groupadd --gid 10001 heedful \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/heedful \
       --shell /usr/sbin/nologin heedful \
    && install --directory --owner 10001 --group 10001 --mode 0750 /var/lib/heedful
COPY --from=venv /app /app
# The root file system may be read-only: bytecode is compiled at build time, and only
# HEEDFUL_DATA_DIR (the embedded form, SERVICE=all) and /tmp are ever written to.
ENV PATH=/app/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HEEDFUL_DATA_DIR=/var/lib/heedful \
    HEEDFUL_HTTP__HOST=0.0.0.0 \
    HEEDFUL_HTTP__PORT=8080
WORKDIR /var/lib/heedful
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# No proxy: HTTP_PROXY of the host may be passed into containers. Any status but 2xx raises.
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --start-interval=2s --retries=4 \
    CMD ["/app/bin/python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['HEEDFUL_HTTP__PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["/app/bin/serve"]
