# Zhibao on a plain server: waitress and the sweep, one process group, no root, one data folder.
# Build: docker build -t zhibao .      Run: see docs/container.md
FROM debian:bookworm-slim

RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-venv ca-certificates \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/zhibao
COPY requirements.txt requirements.in requirements-xlsform.txt requirements-build.txt pyproject.toml README.md LICENSE ./
RUN python3 -m venv .venv \
 && .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.txt -r requirements-xlsform.txt -r requirements-build.txt

COPY forms forms
COPY handlers handlers
COPY indicators indicators
COPY infra infra
COPY register register
COPY workflows workflows
RUN .venv/bin/pybabel compile --input-file handlers/translations/en/LC_MESSAGES/messages.po \
      --output-file handlers/translations/en/LC_MESSAGES/messages.mo --locale en \
 && .venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 && .venv/bin/python -m pip uninstall --yes babel setuptools pip \
 && rm -rf forms handlers indicators infra register workflows build *.egg-info

RUN useradd --system --uid 10001 --home-dir /var/lib/zhibao --shell /usr/sbin/nologin zhibao \
 && install -d -o zhibao -g zhibao -m 0700 /var/lib/zhibao

ENV ZHIBAO_HOME=/var/lib/zhibao PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/zhibao/.venv/bin:/usr/bin:/bin
VOLUME /var/lib/zhibao
USER zhibao
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["zhibao", "serve", "--host", "0.0.0.0", "--port", "8000"]
