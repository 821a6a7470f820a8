# The program with nothing around it but a small Debian: certificates for outgoing calls, bash for the health check.
# It handles SIGTERM itself and starts no children, so it needs no init in front.

FROM rust:1.95-bookworm AS builder
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package recado --bin recado \
    && install -D target/release/recado /out/recado

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin recado \
    && install -d -o recado -g recado /var/lib/recado
COPY LICENSE NOTICE /usr/share/doc/recado/
COPY --from=builder /out/recado /usr/local/bin/recado
# By number, so that an orchestrator can prove that it is not root.
USER 10001:10001
WORKDIR /var/lib/recado
ENV RECADO_LISTEN=0.0.0.0:8080 \
    RECADO_DATA_DIR=/var/lib/recado \
    RECADO_LOG__FORMAT=json \
    RECADO_PRODUCTION=true
VOLUME /var/lib/recado
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${RECADO_LISTEN##*:} && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [[ $code == 200 ]]"]
ENTRYPOINT ["recado"]
CMD ["serve"]
