# mockserver in a container: `docker run -p 4010:4010 IMAGE` serves the bundled APIs,
# `docker run -p 4010:4010 -v "$PWD:/specs:ro" IMAGE serve /specs/openapi.yaml --host 0.0.0.0` your own.
# Bound to all addresses the admin asks for a token: it is printed at the start, or set with --admin-token.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/mockserver \
    && /opt/mockserver/bin/pip install --no-cache-dir ".[postgresql]"

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home mockserver \
    && install -d -o mockserver /state
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /state
EXPOSE 4010
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:4010/__admin/health', timeout=2)"]
ENTRYPOINT ["mockserver"]
CMD ["serve", "--host", "0.0.0.0"]
